import ChatContracts

/// What members have chosen for their conversations. It travels with the updates of positions.
extension LaneBatch {
    /// Where the commands, in their order, take the settings of each member, by the member's place.
    func wantedSettings() -> [ConversationID: [Int: MemberSettings]] {
        var wanted: [ConversationID: [Int: MemberSettings]] = [:]
        for item in items where item.response == nil {
            guard case .settings(let command) = item.delivery.command,
                let state = conversations[command.conversation]?.state, let place = state.index(of: command.user),
                state.group == nil || command.blocked == nil
            else { continue }
            let known = wanted[state.id]?[place] ?? state.members[place].settings
            wanted[state.id, default: [:]][place] = command.apply(to: known, newest: state.lastSeq, now: now)
        }
        return wanted
    }

    /// Has an update write those that differ from what is stored.
    mutating func choose(_ wanted: [Int: MemberSettings], in update: inout ConversationUpdate) {
        for (place, settings) in wanted {
            let member = update.state.members[place]
            guard settings != member.settings else { continue }
            update.settings.append(.init(member: place, known: member.storedSettings))
            update.state.members[place].settings = settings
            chosen.insert(Membership(conversation: update.state.id, user: member.user))
        }
    }

    /// Has an update write those that messages have changed.
    mutating func chooseByMessages(in update: inout ConversationUpdate) {
        for (place, member) in update.state.members.enumerated()
        where member.settings.version > member.storedSettings
            && !update.settings.contains(where: { $0.member == place })
        {
            update.settings.append(.init(member: place, known: member.storedSettings))
            chosenByMessages.insert(Membership(conversation: update.state.id, user: member.user))
        }
    }

    /// What members' devices have to hear of requests that messages have made or accepted; again when a message comes again.
    func announcementsOfRequests() -> [LaneAnnouncement] {
        var told = chosenByMessages
        for item in items where item.delivery.redelivered {
            guard case .send(let command) = item.delivery.command, case .message? = item.response else { continue }
            for member in conversations[command.conversation]?.state.members ?? []
            where member.settings.requestVersion > 0 {
                told.insert(Membership(conversation: command.conversation, user: member.user))
            }
        }
        return told.sorted { ($0.conversation, $0.user) < ($1.conversation, $1.user) }.compactMap { membership in
            guard let state = conversations[membership.conversation]?.state,
                let place = state.index(of: membership.user)
            else { return nil }
            return LaneAnnouncement(
                event: .settingsChanged(
                    ConversationSettingsChanged(
                        conversation: state.id, settings: state.members[place].settings.shown)),
                recipients: [membership.user])
        }
    }

    mutating func answerSettings() {
        for index in items.indices where items[index].response == nil {
            guard case .settings(let command) = items[index].delivery.command,
                let state = conversations[command.conversation]?.state, let place = state.index(of: command.user)
            else { continue }
            guard state.group == nil || command.blocked == nil else {
                items[index].response = .fault(
                    Fault(.invalid, "A group cannot be blocked. Leave it, or block people.", field: "blocked"))
                continue
            }
            items[index].response = .settings(
                ConversationSettingsChanged(
                    conversation: command.conversation, settings: state.members[place].settings.shown))
        }
    }
}
