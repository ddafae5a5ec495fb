import ChatContracts

@testable import MessagesService

/// The database of the simulation: two collections, their unique indexes, and operations that others can get in between.
struct SimulatedStore {
    struct Document: Equatable {
        /// `storedHead` is not used here.
        var state: ConversationState
        var last: Message?
        var mark: Int64?
    }

    struct StoredMembership {
        var member: ConversationState.Member
        /// The number of the line that changed it last.
        var version: Int64
    }

    let mistake: SimulatedMistake?
    /// Conversations of people without a group in common.
    var ofStrangers: Set<ConversationID> = []
    var documents: [ConversationID: Document] = [:]
    var memberships: [ConversationID: [UserID: StoredMembership]] = [:]
    var invitations: [InvitationToken: ConversationID] = [:]
    /// Entries, in the order of insertion, which no reader sees.
    var messages: [ConversationID: [Message]] = [:]
    /// What is stored under the numbers of later changes.
    private var markers: [ConversationID: [Int64: StoredChange]] = [:]
    /// Everything that ever happened, which no reader sees.
    private(set) var log: [ConversationID: [Change]] = [:]
    private var byKey: [MessageKey: Message] = [:]
    private var numbers: [ConversationID: Set<Int64>] = [:]

    init(mistake: SimulatedMistake?) { self.mistake = mistake }

    func message(_ key: MessageKey) -> Message? { byKey[key] }

    /// What a look-up finds.
    func lookUp(_ key: MessageKey) -> Message? { mistake == .noDuplicateCheck ? nil : byKey[key] }

    /// A message as readers are shown it: without what it quotes, if that is deleted.
    func withoutDeletedQuote(_ message: Message) -> Message {
        guard let quote = message.replyTo, mistake != .keepsDeletedQuotes,
            (messages[message.conversation] ?? []).contains(where: { $0.seq == quote.seq && $0.isDeleted })
        else { return message }
        var message = message
        message.replyTo?.text = nil
        return message
    }

    /// The number of the change that deleted an entry, by what happened.
    func deletion(of key: EntryKey) -> Int64? {
        (log[key.conversation] ?? []).map(\.message).filter { $0.seq == key.seq && $0.isDeleted }.map(\.rev).min()
    }

    func changes(of conversation: ConversationID, after number: Int64) -> [StoredChange] {
        let births = (messages[conversation] ?? []).filter { $0.seq > number }.map {
            StoredChange(conversation: conversation, number: $0.seq, message: $0)
        }
        let later = (markers[conversation] ?? [:]).values.filter { $0.number > number }
        return (births + later).sorted { $0.number < $1.number }
    }

    /// The entries as they were at a number, by what happened.
    func entries(of conversation: ConversationID, at head: Int64) -> [Int64: Message] {
        var entries: [Int64: Message] = [:]
        for change in log[conversation] ?? []
        where change.message.rev <= head && change.message.rev > entries[change.message.seq]?.rev ?? 0 {
            entries[change.message.seq] = change.message
        }
        return entries
    }

    /// The entries as a reader gets them who has read the document before.
    func shown(of conversation: ConversationID) -> [Int64: Message] {
        var document = ConversationDocument(
            LaneOpening(user: UserID(high: 0, low: 1), other: UserID(high: 0, low: 2), at: Timestamp(milliseconds: 0)))
        if let stored = documents[conversation], stored.mark != nil {
            document.state = stored.state
            document.absorb(changes(of: conversation, after: stored.state.head))
        }
        return Dictionary(document.current(messages[conversation] ?? []).map { ($0.seq, $0) }) { first, _ in first }
    }

    /// What whoever reads the conversation gets to see.
    func view(of conversation: ConversationID) -> Document? {
        guard var document = documents[conversation], document.mark != nil, mistake != .ignoresMarks else {
            return documents[conversation]
        }
        let loaded = LoadedConversation(
            document: document.state, last: document.last, tail: changes(of: conversation, after: document.state.head))
        document.state = loaded.state
        document.last = loaded.last
        return document
    }

    func count(_ count: LaneLoad.Count) -> Int64 {
        let range = (count.after + 1)...max(count.after + 1, count.through)
        guard count.after < count.through else { return 0 }
        var number = (messages[count.conversation] ?? []).count { message in
            message.sender != count.user && range.contains(message.seq) && message.line == nil
                && (!message.isDeleted || message.rev > count.head || mistake == .countsTombstones)
        }
        if mistake == .countsEdits {
            number += (markers[count.conversation] ?? [:]).values.count { marker in
                marker.message.map { $0.sender != count.user } ?? false && range.contains(marker.number)
            }
        }
        return Int64(number)
    }

    mutating func insert(_ change: Change) -> LaneWrite.Conflict? {
        let (message, id) = (change.message, change.message.conversation)
        if mistake != .noUniqueNumber, numbers[id]?.contains(message.rev) == true { return .number }
        let key = MessageKey(message)
        if change.isBirth, byKey[key] != nil, mistake != .noUniqueClientID, mistake != .noDuplicateCheck {
            return .clientMessageID
        }
        numbers[id, default: []].insert(message.rev)
        log[id, default: []].append(change)
        if change.isBirth {
            messages[id, default: []].append(message)
            if byKey[key] == nil { byKey[key] = message }
        } else {
            markers[id, default: [:]][message.rev] = StoredChange(
                conversation: id, number: message.rev, message: message, replaces: change.replaces)
        }
        return nil
    }

    /// Brings the entry of a change up to it, and spends the marker before.
    mutating func bringUpToDate(_ change: Change) {
        let (message, id) = (change.message, change.message.conversation)
        guard let replaces = change.replaces else { return bringMembershipsUpToDate(message) }
        if replaces > message.seq {
            if mistake == .freesNumbers {
                markers[id]?[replaces] = nil
                numbers[id]?.remove(replaces)
            } else {
                markers[id]?[replaces]?.message = nil
            }
        }
        guard let place = messages[id]?.firstIndex(where: { $0.seq == message.seq }),
            messages[id]?[place].rev ?? 0 < message.rev || mistake == .unfencedEntries
        else { return }
        messages[id]?[place] = message
        byKey[MessageKey(message)] = message
    }

    /// Does what others have begun and not finished.
    mutating func finish(_ tail: [StoredChange]) {
        for stored in tail {
            guard let message = stored.message, stored.replaces != nil || message.line != nil else { continue }
            bringUpToDate(Change(message: message, replaces: stored.replaces))
        }
    }

    /// Takes the newest message away again, as a new primary would that never had it.
    mutating func rollBack(_ change: Change) {
        let message = change.message
        guard change.isBirth, log[message.conversation]?.last == change else { return }
        log[message.conversation]?.removeLast()
        messages[message.conversation]?.removeAll { $0.seq == message.seq }
        byKey[MessageKey(message)] = nil
        numbers[message.conversation]?.remove(message.seq)
    }

    mutating func open(_ opening: LaneOpening) {
        let id = opening.membership.conversation
        var document =
            documents[id]
            ?? Document(
                state: opening.isGroup
                    ? ConversationState(newGroup: id, createdAt: opening.at)
                    : ConversationState(new: id, members: opening.members, createdAt: opening.at), last: nil)
        if let place = document.state.index(of: opening.user) {
            let before = document.state.members[place].openedAt
            document.state.members[place].openedAt = before.map { min($0, opening.at) } ?? opening.at
        }
        documents[id] = document
    }

    /// How many documents were as expected.
    mutating func update(_ update: ConversationUpdate) -> Int {
        guard update.state.group != nil else { return updateDocument(update) ? 1 : 0 }
        let isUpdated = update.changesSummary && updateDocument(update)
        return (isUpdated ? 1 : 0) + updateMembers(update)
    }

    private mutating func updateDocument(_ update: ConversationUpdate) -> Bool {
        guard var document = documents[update.state.id] else { return false }
        if mistake != .blindUpdates {
            guard document.state.head == update.state.storedHead || mistake == .separateCounter else { return false }
            if let expected = update.expectedMark, document.mark != expected { return false }
            for position in update.positions where update.state.group == nil {
                let stored = document.state.members[position.member].positions
                guard stored.received == position.known.received, stored.read == position.known.read,
                    stored.unreadMarks == position.known.unreadMarks
                else { return false }
            }
            for settings in update.settings where mistake != .unfencedSettings && update.state.group == nil {
                guard document.state.members[settings.member].settings.version == settings.known else { return false }
            }
        }
        if update.isSummary {
            document.state.head = max(document.state.head, update.state.head)
            if mistake == .blindUpdates { document.state.head = update.state.head }
            document.state.count = update.state.count
            if let last = update.last {
                document.last = last
                document.state.activeAt = last.sentAt
            }
            document.state.lastSeq = update.state.lastSeq
            document.state.createdAt = update.state.createdAt
            document.state.group = update.state.group
            for place in document.state.members.indices {
                document.state.members[place].sent = update.state.members[place].sent
            }
        }
        for position in update.positions where update.state.group == nil {
            let member = update.state.members[position.member]
            document.state.members[position.member].positions = member.positions
            document.state.members[position.member].readOfOthers = member.readOfOthers
        }
        for settings in update.settings where update.state.group == nil && mistake != .losesRequests {
            document.state.members[settings.member].settings = update.state.members[settings.member].settings
        }
        switch update.mark {
        case .keep: break
        case .set(let mark): document.mark = mark
        case .remove: document.mark = nil
        }
        documents[update.state.id] = document
        return true
    }
}
