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

    let mistake: PlantedMistake?
    var documents: [ConversationID: Document] = [:]
    /// In the order of insertion, which no reader sees.
    var messages: [ConversationID: [Message]] = [:]
    private var byKey: [MessageKey: Message] = [:]
    private var numbers: [ConversationID: Set<Int64>] = [:]

    init(mistake: PlantedMistake?) { self.mistake = mistake }

    func message(_ key: MessageKey) -> Message? { byKey[key] }

    /// What a look-up finds.
    func lookUp(_ key: MessageKey) -> Message? { mistake == .noDuplicateCheck ? nil : byKey[key] }

    func tail(of conversation: ConversationID, above head: Int64) -> [Message] {
        (messages[conversation] ?? []).filter { $0.rev > head }.sorted { $0.rev < $1.rev }
    }

    /// What whoever reads the conversation gets to see.
    func view(of conversation: ConversationID) -> Document? {
        guard var document = documents[conversation], document.mark != nil, mistake != .ignoresMarks else {
            return documents[conversation]
        }
        let loaded = LoadedConversation(
            document: document.state, last: document.last, tail: tail(of: conversation, above: document.state.head))
        document.state = loaded.state
        document.last = loaded.last
        return document
    }

    func count(_ count: LaneLoad.Count) -> Int64 {
        Int64(
            (messages[count.conversation] ?? []).count {
                $0.sender != count.user && $0.seq > count.after && $0.seq <= count.through
            })
    }

    mutating func insert(_ message: Message) -> LaneInsertion.Conflict? {
        if mistake != .noUniqueNumber, numbers[message.conversation]?.contains(message.seq) == true { return .number }
        let key = MessageKey(message)
        if byKey[key] != nil, mistake != .noUniqueClientID, mistake != .noDuplicateCheck { return .clientMessageID }
        numbers[message.conversation, default: []].insert(message.seq)
        messages[message.conversation, default: []].append(message)
        if byKey[key] == nil { byKey[key] = message }
        return nil
    }

    /// Takes the newest message away again, as a new primary would that never had it.
    mutating func rollBack(_ message: Message) {
        guard messages[message.conversation]?.last == message else { return }
        messages[message.conversation]?.removeLast()
        byKey[MessageKey(message)] = nil
        numbers[message.conversation]?.remove(message.seq)
    }

    mutating func open(_ opening: LaneOpening) {
        let id = opening.membership.conversation
        var document =
            documents[id]
            ?? Document(state: ConversationState(new: id, members: opening.members, createdAt: opening.at), last: nil)
        if let place = document.state.index(of: opening.user) {
            let before = document.state.members[place].openedAt
            document.state.members[place].openedAt = before.map { min($0, opening.at) } ?? opening.at
        }
        documents[id] = document
    }

    /// Whether the document was as expected.
    mutating func update(_ update: ConversationUpdate) -> Bool {
        guard var document = documents[update.state.id] else { return false }
        if mistake != .blindUpdates {
            guard document.state.head == update.state.storedHead || mistake == .separateCounter else { return false }
            if let expected = update.expectedMark, document.mark != expected { return false }
            for position in update.positions {
                let member = document.state.members[position.member]
                guard member.received == position.received, member.read == position.read else { return false }
            }
        }
        if let last = update.last {
            document.state.head = max(document.state.head, update.state.head)
            if mistake == .blindUpdates { document.state.head = update.state.head }
            document.state.count = update.state.count
            document.last = last
            document.state.activeAt = last.sentAt
            document.state.createdAt = update.state.createdAt
            for place in document.state.members.indices {
                document.state.members[place].sent = update.state.members[place].sent
            }
        }
        for position in update.positions {
            let member = update.state.members[position.member]
            document.state.members[position.member].received = member.received
            document.state.members[position.member].read = member.read
            document.state.members[position.member].readOfOthers = member.readOfOthers
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
