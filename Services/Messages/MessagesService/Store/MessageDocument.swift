import ChatContracts
import MongoStore

/// The documents of the collection `messages`. Each number of a conversation has one: an entry has that of its birth,
/// and every later change has a *marker*.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 24 bytes | the conversation's id and the number, both most significant byte first |
/// | `c` | binary, 16 bytes | the conversation's id |
/// | `r` | int64 | `rev`, the number of the last change; equal to `seq` until then |
/// | `s` | binary, 16 bytes | the sender's user id |
/// | `i` | binary, 16 bytes | the client message id; in a marker its number, an int64 |
/// | `t` | string | the text |
/// | `d` | date | when it was stored, by the service's clock |
/// | `k` | string | the kind, unless it is a message |
/// | `g` | document | in a line about a group: what it tells, see ``LineField`` |
/// | `e` | document | the last edit: when (`d`) and with which number (`r`) |
/// | `x` | boolean | true once it is deleted |
/// | `h` | binary, 32 bytes | the digest of what was sent, once the text is another |
/// | `a` | document | what it answers: the number (`q`), the sender (`s`), the excerpt (`t`) unless that one is deleted |
/// | `j` | array | whom it mentions: the user (`u`, empty for everybody) and the name in the text (`n`) |
/// | `y` | array | the reactions: the emoji (`e`) and the users (`u`) |
/// | `z` | int64 | the number of the last change of the reactions, if there was one |
/// | `w` | int64 | the number of the last change that took a reaction back, if there was one |
/// | `m` | int64 | in a marker only: the entry's `seq` |
/// | `p` | int64 | in a marker only: the number of the entry's change before |
/// | `n` | document | in a marker only, until the entry changes again: the entry as this change leaves it |
///
/// `_id` does double duty: it is unique for `(conversation, number)` and orders a conversation's messages.
enum MessageField {
    static let id = "_id"
    static let conversation = "c"
    static let rev = "r"
    static let sender = "s"
    static let clientMessageID = "i"
    static let text = "t"
    static let sentAt = "d"
    static let kind = "k"
    static let line = "g"
    static let edit = "e"
    static let deleted = "x"
    static let digest = "h"
    static let quote = "a"
    static let quotedSeq = "q"
    static let reactions = "y"
    static let emoji = "e"
    static let users = "u"
    static let lastReaction = "z"
    static let lastWithdrawal = "w"
    static let target = "m"
    static let previous = "p"
    static let entry = "n"
    static let mentions = "j"
    static let mentioned = "u"
    static let mentionedName = "n"
}

extension Message {
    /// Reads the document of an entry.
    init(document: BSONDocument) throws(BSONError) {
        let (conversation, seq) = try Self.place(of: document)
        self = try Message(document, of: conversation, seq: seq)
    }

    /// Reads what ``writeFields(to:)`` has written.
    init(_ fields: BSONDocument, of conversation: ConversationID, seq: Int64) throws(BSONError) {
        self.init(
            conversation: conversation, seq: seq, rev: try fields.counter(MessageField.rev),
            sender: try fields.identifier(MessageField.sender, of: UserKind.self),
            clientMessageId: try fields.identifier(MessageField.clientMessageID, of: ClientMessageKind.self),
            text: try fields.string(MessageField.text),
            sentAt: Timestamp(milliseconds: try fields.date(MessageField.sentAt)))
        try readExtras(fields)
    }

    private mutating func readExtras(_ fields: BSONDocument) throws(BSONError) {
        if let kind = try fields.optionalString(MessageField.kind) {
            guard let known = Kind(rawValue: kind) else {
                throw BSONError(.unrepresentable, field: MessageField.kind, message: "the kind is not known")
            }
            self.kind = known
        }
        line = try fields.optionalDocument(MessageField.line).map(GroupLine.init(bson:))
        isDeleted = try fields.optionalBool(MessageField.deleted) ?? false
        if let edit = try fields.optionalDocument(MessageField.edit) {
            self.edit = MessageEdit(
                at: Timestamp(milliseconds: try edit.date(MessageField.sentAt)), rev: try edit.counter(MessageField.rev)
            )
        }
        if let bytes = try fields.optionalBinary(MessageField.digest) {
            guard let digest = ContentDigest(bytes: bytes) else {
                throw BSONError(.unrepresentable, field: MessageField.digest, message: "a digest has 32 bytes")
            }
            original = digest
        }
        if let quote = try fields.optionalDocument(MessageField.quote) {
            replyTo = Quote(
                seq: try quote.counter(MessageField.quotedSeq),
                sender: try quote.identifier(MessageField.sender, of: UserKind.self),
                text: try quote.optionalString(MessageField.text))
        }
        for mention in try fields.optionalDocuments(MessageField.mentions) ?? [] {
            mentions.append(try Mention(bson: mention))
        }
        lastReaction = try fields.optionalCounter(MessageField.lastReaction) ?? 0
        lastWithdrawal = try fields.optionalCounter(MessageField.lastWithdrawal) ?? 0
        for reaction in try fields.optionalDocuments(MessageField.reactions) ?? [] {
            let users = try reaction.identifiers(MessageField.users, of: UserKind.self)
            reactions.append(Reaction(emoji: try reaction.string(MessageField.emoji), users: users))
        }
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
        if kind != .message { writer.append(MessageField.kind, kind.rawValue) }
        if let line { writer.document(MessageField.line) { line.write(to: &$0) } }
        if let edit {
            writer.document(MessageField.edit) { writer in
                writer.append(MessageField.sentAt, BSONDate(edit.at.milliseconds))
                writer.append(MessageField.rev, edit.rev)
            }
        }
        if isDeleted { writer.append(MessageField.deleted, true) }
        if let original { writer.append(MessageField.digest, BSONBinary(original.bytes)) }
        if let replyTo {
            writer.document(MessageField.quote) { writer in
                writer.append(MessageField.quotedSeq, replyTo.seq)
                writer.append(MessageField.sender, BSONBinary(replyTo.sender.bytes))
                writer.append(MessageField.text, replyTo.text)
            }
        }
        if !mentions.isEmpty {
            writer.array(MessageField.mentions) { array in
                for mention in mentions { array.document { mention.write(to: &$0) } }
            }
        }
        if lastReaction > 0 { writer.append(MessageField.lastReaction, lastReaction) }
        if lastWithdrawal > 0 { writer.append(MessageField.lastWithdrawal, lastWithdrawal) }
        guard !reactions.isEmpty else { return }
        writer.array(MessageField.reactions) { array in
            for reaction in reactions {
                array.document { writer in
                    writer.append(MessageField.emoji, reaction.emoji)
                    writer.append(MessageField.users, reaction.users.map { BSONBinary($0.bytes) })
                }
            }
        }
    }

    /// The conversation and the number that a document's `_id` says.
    static func place(of document: BSONDocument) throws(BSONError) -> (conversation: ConversationID, number: Int64) {
        let id = try document.binary(MessageField.id)
        guard id.count == 24, let conversation = ConversationID(bytes: id.prefix(16)) else {
            throw BSONError(.unrepresentable, field: MessageField.id, message: "a message's id has 24 bytes")
        }
        let number = Int64(clamping: id.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        return (conversation, try BSONDocument.checkedCounter(number, of: MessageField.id))
    }

    /// `_id` of what has this number. Numbers below 0 do not exist.
    static func documentID(_ conversation: ConversationID, _ number: Int64) -> [UInt8] {
        var bytes = conversation.bytes
        bytes.reserveCapacity(24)
        for shift in stride(from: Int64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
        return bytes
    }
}

extension Mention {
    /// Stands for everybody, in the place of an id: an index has entries for values only.
    static let everybodyKey = BSONBinary([UInt8]())

    fileprivate init(bson: BSONDocument) throws(BSONError) {
        guard try !bson.binary(MessageField.mentioned).isEmpty else {
            self = .everybody
            return
        }
        self.init(
            user: try bson.identifier(MessageField.mentioned, of: UserKind.self),
            name: try bson.string(MessageField.mentionedName))
    }

    fileprivate func write(to writer: inout BSONWriter) {
        writer.append(MessageField.mentioned, user.map { BSONBinary($0.bytes) } ?? Self.everybodyKey)
        writer.append(MessageField.mentionedName, name)
    }
}

extension BSONDocument {
    func identifier<Kind>(_ key: String, of kind: Kind.Type) throws(BSONError) -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(bytes: try binary(key)) else {
            throw BSONError(.unrepresentable, field: key, message: "an identifier has 16 bytes")
        }
        return identifier
    }

    /// A number or a count of a conversation.
    func counter(_ key: String) throws(BSONError) -> Int64 { try Self.checkedCounter(try int64(key), of: key) }

    func optionalCounter(_ key: String) throws(BSONError) -> Int64? {
        guard let number = try optionalInt64(key) else { return nil }
        return try Self.checkedCounter(number, of: key)
    }

    /// Beyond what browsers can represent a document is damaged, and counting on could overflow: that would end the process
    /// again each time the command comes again.
    static func checkedCounter(_ number: Int64, of key: String) throws(BSONError) -> Int64 {
        guard number.magnitude < 1 << 53 else {
            throw BSONError(.unrepresentable, field: key, message: "the number is too large")
        }
        return number
    }
}
