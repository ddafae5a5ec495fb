import ChatContracts
import MongoStore

/// The documents of the collection `messages`:
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 24 bytes | the conversation's id and `seq`, both most significant byte first |
/// | `c` | binary, 16 bytes | the conversation's id |
/// | `r` | int64 | `rev`, the number of the last change; equal to `seq` until then |
/// | `s` | binary, 16 bytes | the sender's user id |
/// | `i` | binary, 16 bytes | the client message id |
/// | `t` | string | the text |
/// | `d` | date | when it was stored, by the service's clock |
///
/// `_id` does double duty: it is unique for `(conversation, seq)` and orders a conversation's messages.
enum MessageField {
    static let id = "_id"
    static let conversation = "c"
    static let rev = "r"
    static let sender = "s"
    static let clientMessageID = "i"
    static let text = "t"
    static let sentAt = "d"
}

extension Message {
    /// Reads a document of the collection.
    init(document: BSONDocument) throws(BSONError) {
        let (conversation, seq) = try Self.place(of: document)
        self = try Message(document, of: conversation, seq: seq)
    }

    /// Reads what ``writeFields(to:)`` has written.
    init(_ fields: BSONDocument, of conversation: ConversationID, seq: Int64) throws(BSONError) {
        self.init(
            conversation: conversation, seq: seq, rev: try fields.int64(MessageField.rev),
            sender: try fields.identifier(MessageField.sender, of: UserKind.self),
            clientMessageId: try fields.identifier(MessageField.clientMessageID, of: ClientMessageKind.self),
            text: try fields.string(MessageField.text),
            sentAt: Timestamp(milliseconds: try fields.date(MessageField.sentAt)))
    }

    var document: BSONDocument {
        BSONDocument { writer in
            writer.append(MessageField.id, BSONBinary(Self.documentID(conversation, seq)))
            writer.append(MessageField.conversation, BSONBinary(conversation.bytes))
            writeFields(to: &writer)
        }
    }

    func writeFields(to writer: inout BSONWriter) {
        writer.append(MessageField.rev, rev)
        writer.append(MessageField.sender, BSONBinary(sender.bytes))
        writer.append(MessageField.clientMessageID, BSONBinary(clientMessageId.bytes))
        writer.append(MessageField.text, text)
        writer.append(MessageField.sentAt, BSONDate(sentAt.milliseconds))
    }

    /// The conversation and the number that a document's `_id` says.
    static func place(of document: BSONDocument) throws(BSONError) -> (conversation: ConversationID, number: Int64) {
        let id = try document.binary(MessageField.id)
        guard id.count == 24, let conversation = ConversationID(bytes: id.prefix(16)) else {
            throw BSONError(.unrepresentable, field: MessageField.id, message: "a message's id has 24 bytes")
        }
        guard let number = Int64(exactly: id.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) else {
            throw BSONError(.unrepresentable, field: MessageField.id, message: "the number is too large")
        }
        return (conversation, number)
    }

    /// `_id` of the message with this number. Numbers below 0 do not exist.
    static func documentID(_ conversation: ConversationID, _ seq: Int64) -> [UInt8] {
        var bytes = conversation.bytes
        bytes.reserveCapacity(24)
        for shift in stride(from: Int64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: seq >> shift))
        }
        return bytes
    }
}

extension BSONDocument {
    func identifier<Kind>(_ key: String, of kind: Kind.Type) throws(BSONError) -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(bytes: try binary(key)) else {
            throw BSONError(.unrepresentable, field: key, message: "an identifier has 16 bytes")
        }
        return identifier
    }
}
