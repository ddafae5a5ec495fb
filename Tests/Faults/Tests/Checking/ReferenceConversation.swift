import FaultHistory

/// A conversation as it has to be: a pure model of what changes do, without faults, time or storage.
struct ReferenceConversation {
    struct Entry {
        var seq: Int64
        var rev: Int64
        var sender: String
        var id: String
        var hash: String
        var edit: Int64?
        /// The number that the last edit named.
        var editOf: Int64?
        var isDeleted = false
        var reactions: [String: Set<String>] = [:]
        var replyTo: Int64?

        var seen: SeenMessage {
            SeenMessage(
                seq: seq, rev: rev, sender: sender, id: id, hash: hash,
                state: Alterations(
                    edit: edit, deleted: isDeleted, reactions: reactions.mapValues { Array($0) }, replyTo: replyTo))
        }

        /// The number that wrote the text.
        var textRev: Int64 { edit ?? seq }
    }

    enum Outcome {
        case done(SeenMessage)
        case refused(status: Int, code: String, present: SeenMessage? = nil)
    }

    let name: String
    /// In the order of their births.
    private(set) var entries: [Entry] = []
    private(set) var head: Int64 = 0
    /// The changed message as it was right after each number.
    private(set) var log: [SeenMessage] = []

    init(_ name: String) { self.name = name }

    /// Each later change's marker: the last one of a message says what the message is, the others are spent.
    var markers: [StoredConversation.Marker] {
        var last: [Int64: Int64] = [:]
        return log.enumerated().compactMap { index, message in
            let number = Int64(index + 1)
            defer { last[message.seq] = number }
            guard number > message.seq, let entry = entry(message.seq) else { return nil }
            guard number == entry.rev else { return .init(number: number, seq: message.seq) }
            return .init(
                number: number, seq: message.seq, previous: last[message.seq], message: entry.seen)
        }
    }

    /// What the conversation says of itself at a number, to members with these read positions.
    func summary(at head: Int64, read: [String: Int64]) -> StoredConversation.Summary {
        let counted = entries.filter { $0.seq <= head && !($0.isDeleted && $0.rev <= head) }
        return StoredConversation.Summary(
            head: head, messages: Int64(counted.count),
            sent: Dictionary(
                uniqueKeysWithValues: read.keys.map { user in
                    (user, Int64(counted.count { $0.sender == user }))
                }),
            readOfOthers: Dictionary(
                uniqueKeysWithValues: read.map { user, read in
                    (user, Int64(counted.count { $0.sender != user && $0.seq <= read }))
                }),
            last: log.prefix(Int(head)).last { message in
                message.seq == log.prefix(Int(head)).map(\.seq).max()
            })
    }

    func entry(_ seq: Int64) -> Entry? { entries.first { $0.seq == seq } }

    /// What somebody who knows everything up to a number is told: each later change's message, once, as it is now.
    func changes(after cursor: Int64) -> [SeenMessage] {
        entries.filter { $0.rev > cursor }.sorted { $0.rev < $1.rev }.map(\.seen)
    }

    func unread(by user: String, after read: Int64) -> Int64 {
        Int64(entries.count { $0.seq > read && $0.sender != user && !$0.isDeleted })
    }

    /// Sends a message, once however often it is asked for. The quote is dropped if what it quotes is gone.
    mutating func send(_ id: String, by sender: String, hash: String, replyTo: Int64?) -> SeenMessage {
        if let known = entries.first(where: { $0.id == id && $0.sender == sender }) { return known.seen }
        let quoted = replyTo.flatMap { entry($0) }.flatMap { $0.isDeleted ? nil : $0.seq }
        head += 1
        entries.append(Entry(seq: head, rev: head, sender: sender, id: id, hash: hash, replyTo: quoted))
        log.append(entries[entries.count - 1].seen)
        return entries[entries.count - 1].seen
    }

    mutating func edit(_ seq: Int64, by user: String, of: Int64, hash: String) -> Outcome {
        guard let known = entry(seq) else { return .refused(status: 404, code: "not-found") }
        guard known.sender == user else { return .refused(status: 403, code: "forbidden") }
        guard !known.isDeleted else { return .refused(status: 410, code: "deleted") }
        if known.editOf == of, known.hash == hash { return .done(known.seen) }
        guard known.textRev == of else { return .refused(status: 409, code: "conflict", present: known.seen) }
        return change(seq) { entry, number in
            entry.hash = hash
            entry.edit = number
            entry.editOf = of
        }
    }

    mutating func delete(_ seq: Int64, by user: String) -> Outcome {
        guard let known = entry(seq) else { return .refused(status: 404, code: "not-found") }
        guard known.sender == user else { return .refused(status: 403, code: "forbidden") }
        guard !known.isDeleted else { return .done(known.seen) }
        return change(seq) { entry, _ in
            entry.isDeleted = true
            entry.hash = TextHash.of("")
            entry.edit = nil
            entry.reactions = [:]
            entry.replyTo = nil
        }
    }

    /// Has somebody's reaction there or not.
    mutating func react(_ seq: Int64, by user: String, _ emoji: String, isThere: Bool) -> Outcome {
        guard let known = entry(seq) else { return .refused(status: 404, code: "not-found") }
        guard !known.isDeleted else { return .refused(status: 410, code: "deleted") }
        guard known.reactions[emoji, default: []].contains(user) != isThere else { return .done(known.seen) }
        return change(seq) { entry, _ in
            if isThere {
                entry.reactions[emoji, default: []].insert(user)
            } else {
                entry.reactions[emoji]?.remove(user)
                if entry.reactions[emoji]?.isEmpty == true { entry.reactions[emoji] = nil }
            }
        }
    }

    private mutating func change(_ seq: Int64, _ body: (inout Entry, Int64) -> Void) -> Outcome {
        let index = entries.firstIndex { $0.seq == seq }!
        head += 1
        body(&entries[index], head)
        entries[index].rev = head
        log.append(entries[index].seen)
        return .done(entries[index].seen)
    }
}
