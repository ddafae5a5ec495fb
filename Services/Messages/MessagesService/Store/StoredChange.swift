import ChatContracts
import MongoStore

/// A change to be stored: the birth of an entry, or a later change to one.
struct Change: Sendable, Hashable {
    /// The entry as the change leaves it; its `rev` is the change's number.
    var message: Message
    /// The number of the entry's change before; nil for a birth.
    var replaces: Int64?

    var isBirth: Bool { replaces == nil }

    /// What takes the change's number.
    var document: BSONDocument {
        guard let replaces else { return message.document }
        return BSONDocument { writer in
            Self.writeMarker(of: message, to: &writer)
            writer.append(MessageField.previous, replaces)
            writer.document(MessageField.entry) { message.writeFields(to: &$0) }
        }
    }

    /// What is left of a marker once its entry has changed again: the number stays taken, so that a writer that is behind
    /// can never store anything below what others have seen.
    static func spentMarker(_ number: Int64, of message: Message) -> BSONDocument {
        var message = message
        message.rev = number
        return BSONDocument { writeMarker(of: message, to: &$0) }
    }

    private static func writeMarker(of message: Message, to writer: inout BSONWriter) {
        writer.append(MessageField.id, BSONBinary(Message.documentID(message.conversation, message.rev)))
        writer.append(MessageField.conversation, BSONBinary(message.conversation.bytes))
        // The index `once` takes a missing field for a value.
        writer.append(MessageField.clientMessageID, message.rev)
        writer.append(MessageField.target, message.seq)
    }
}

/// What is stored under one number of a conversation.
struct StoredChange: Sendable, Equatable {
    var conversation: ConversationID
    var number: Int64
    /// The entry as this document has it; nil if a later number has the entry.
    var message: Message?
    /// In a marker the number of the entry's change before; nil once a later number has the entry.
    var replaces: Int64?

    /// Whether it is the number of a change after the birth.
    var isMarker: Bool { message == nil || replaces != nil }

    init(conversation: ConversationID, number: Int64, message: Message?, replaces: Int64? = nil) {
        self.conversation = conversation
        self.number = number
        self.message = message
        self.replaces = replaces
    }

    init(document: BSONDocument) throws(BSONError) {
        let (conversation, number) = try Message.place(of: document)
        guard let seq = try document.optionalCounter(MessageField.target) else {
            self.init(
                conversation: conversation, number: number,
                message: try Message(document, of: conversation, seq: number))
            return
        }
        let entry = try document.optionalDocument(MessageField.entry)
        var message: Message?
        if let entry { message = try Message(entry, of: conversation, seq: seq) }
        self.init(
            conversation: conversation, number: number, message: message,
            replaces: try document.optionalCounter(MessageField.previous))
    }
}

extension Collection<StoredChange> {
    /// The entries that these numbers have brought or changed, each once and as it is after the last of them, by `seq`.
    func entries() -> [Int64: Message] {
        var entries: [Int64: Message] = [:]
        for case let message? in lazy.map(\.message) where message.rev > entries[message.seq]?.rev ?? 0 {
            entries[message.seq] = message
        }
        return entries
    }
}
