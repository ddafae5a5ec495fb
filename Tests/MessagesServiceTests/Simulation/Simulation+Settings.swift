import ChatContracts

@testable import MessagesService

/// Members choose settings of their conversations, on several devices.
extension Simulation {
    mutating func chooseSettings(by index: Int) {
        guard clients[index].wanted > 0 else { return }
        let (user, conversation) = (clients[index].user, clients[index].conversation)
        let known = toldSettings[user]?.values.max { $0.version < $1.version }
        var command = ChangeConversationSettings(
            conversation: conversation, user: user,
            // Another device may know less.
            version: shape.mistake == .unconditionalSettings
                ? .max : source.happens(700) ? known?.version ?? 0 : Int64(source.below(Int(known?.version ?? 0) + 1)))
        switch source.below(store.ofStrangers.contains(conversation) ? 4 : 3) {
        case 3:
            let answer: MessageRequest.Answer = source.happens(500) ? .accepted : .declined
            answersToRequests[user, default: []].insert(answer)
            command.request = answer
        case 0: command.pinned = known?.pinnedAt == nil
        case 1:
            command.muted = !(known?.isMuted ?? false)
            if command.muted == true, source.happens(300) { command.tellsMentions = true }
            if command.muted == true, source.happens(500) {
                command.mutedUntil = Timestamp(milliseconds: clock + Int64(source.below(1_000)))
            }
        default:
            command.archived = known?.archivedThrough == nil
            if command.archived == true, source.happens(500) { command.archivedThrough = told[conversation] ?? 0 }
        }
        asksToChoose[user, default: 0] += 1
        ask(.settings(command), expecting: .settings, by: index)
    }

    mutating func check(
        _ change: ConversationSettingsChanged, for command: ChangeConversationSettings, by operation: SimulatedOperation
    ) throws {
        let version = change.settings?.version ?? 0
        coverage.settings += 1
        if !command.holds(in: change.settings) {
            // Only somebody who was faster is a reason.
            guard version > command.version else {
                throw violation("Settings", "\(command) was answered with \(change)")
            }
            coverage.settingsConflicts += 1
        }
        if command.request == .accepted, operation.floor > 0, change.settings?.request == nil {
            accepted.insert(command.user)
        }
        guard let settings = change.settings else { return }
        if let told = toldSettings[command.user]?[version], told != settings {
            throw violation("Settings", "version \(version) was told as \(told) and as \(settings)")
        }
        toldSettings[command.user, default: [:]][version] = settings
        try checkDocument(change.conversation)
    }

    /// What is stored of a member.
    func checkSettings(_ settings: MemberSettings, of user: UserID) throws {
        let told = toldSettings[user] ?? [:]
        guard settings.version >= told.keys.max() ?? 0 else {
            throw violation("Settings", "version \(settings.version) is stored, a later one had been told")
        }
        guard told[settings.version] ?? settings.shown == settings.shown else {
            throw violation("Settings", "version \(settings.version) is stored otherwise than it was told")
        }
        // A stranger's first message is a change of its own, and so is to write in a request.
        let byMessages: Int64 = settings.requestVersion > 0 ? 2 : 0
        guard settings.version <= (asksToChoose[user] ?? 0) + byMessages else {
            throw violation("Settings", "\(settings.version) changes were made, more than were asked for")
        }
    }
}

extension ChangeConversationSettings {
    /// Whether settings are as this command wants them.
    fileprivate func holds(in settings: ConversationSettings?) -> Bool {
        let settings = settings ?? ConversationSettings(version: 0)
        let isPinned = pinned.map { $0 == (settings.pinnedAt != nil) } ?? true
        let isMuted =
            muted.map {
                $0 == settings.isMuted && mutedUntil == settings.mutedUntil && tellsMentions == settings.tellsMentions
            } ?? true
        let isArchived = archived.map { $0 == (settings.archivedThrough != nil) } ?? true
        let isAnswered =
            request.map { $0 == .accepted ? settings.request == nil : settings.request != .waiting } ?? true
        return isPinned && isMuted && isArchived && isAnswered
    }
}
