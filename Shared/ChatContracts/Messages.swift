internal import Markdown

/// A message as the API shows it: the same bytes in replies, events, history and sync.
///
/// Only what a message has is in its JSON: one that was never changed, quotes nothing and has no reactions is an object
/// of seven fields.
public struct Message: Sendable, Hashable {
    /// What an entry of a conversation is.
    public enum Kind: String, Codable, Sendable {
        /// Somebody wrote it.
        case message
        /// A line about the conversation itself, see ``Message/line``.
        case system
    }

    public var conversation: ConversationID
    /// The conversation's number at the birth of this message: its identity and its place, from 1.
    public var seq: Int64
    /// The conversation's number at its last change; equal to `seq` until it is changed.
    public var rev: Int64
    public var sender: UserID
    public var clientMessageId: ClientMessageID
    /// Empty once the message is deleted.
    public var text: String
    /// By the clock of the service that stored it; for people only.
    public var sentAt: Timestamp
    public var kind: Kind
    /// What a line of the kind `system` tells; nil for messages.
    public var line: GroupLine?
    /// The last change of the text; nil if the text is what was sent.
    public var edit: MessageEdit?
    /// Whether it was deleted: it keeps its place and its sender, and nothing of what it said.
    public var isDeleted: Bool
    public var replyTo: Quote?
    /// Whom the text calls: those of its names that are members of the group when it is sent or edited, each once.
    public var mentions: [Mention]
    /// In the order in which each kind was first used.
    public var reactions: [Reaction]
    /// What was sent, recognisable after any number of edits: set with the first change of the text. Never in JSON.
    public var original: ContentDigest?
    /// The number of the last change of the reactions; 0 if there was none. Never in JSON.
    public var lastReaction: Int64
    /// The number of the last change that took a reaction back; 0 if there was none. Never in JSON.
    public var lastWithdrawal: Int64

    public init(
        conversation: ConversationID, seq: Int64, rev: Int64, sender: UserID, clientMessageId: ClientMessageID,
        text: String, sentAt: Timestamp, kind: Kind = .message, line: GroupLine? = nil, edit: MessageEdit? = nil,
        isDeleted: Bool = false,
        replyTo: Quote? = nil, mentions: [Mention] = [], reactions: [Reaction] = [], original: ContentDigest? = nil,
        lastReaction: Int64 = 0, lastWithdrawal: Int64 = 0
    ) {
        self.conversation = conversation
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.clientMessageId = clientMessageId
        self.text = text
        self.sentAt = sentAt
        self.kind = kind
        self.line = line
        self.edit = edit
        self.isDeleted = isDeleted
        self.replyTo = replyTo
        self.mentions = mentions
        self.reactions = reactions
        self.original = original
        self.lastReaction = lastReaction
        self.lastWithdrawal = lastWithdrawal
    }

    /// The number with which the text that stands came: what an edit has to name.
    public var textRev: Int64 { edit?.rev ?? seq }
}

/// When a text was last changed.
public struct MessageEdit: Codable, Sendable, Hashable {
    /// By the clock of the service that stored it; for people only.
    public var at: Timestamp
    /// The conversation's number of that change.
    public var rev: Int64

    public init(at: Timestamp, rev: Int64) {
        self.at = at
        self.rev = rev
    }
}

/// What a message answers: a copy made when it was sent, which a later edit of the quoted message leaves as it is.
public struct Quote: Codable, Sendable, Hashable {
    public var seq: Int64
    public var sender: UserID
    /// At most ``Limits/quoteCharacters`` characters; nil if the quoted message is deleted.
    public var text: String?

    public init(seq: Int64, sender: UserID, text: String?) {
        self.seq = seq
        self.sender = sender
        self.text = text
    }

    /// Quotes a message as it is now.
    public init(_ message: Message) {
        seq = message.seq
        sender = message.sender
        text = message.isDeleted ? nil : Self.excerpt(of: message.text)
    }

    /// The first words, without their formatting: a quote is a line or two.
    private static func excerpt(of text: String) -> String {
        var excerpt = String(Markdown.plainText(text).prefix(Limits.quoteCharacters))
        // A character may be made of any number of scalars.
        while excerpt.utf8.count > Limits.quoteBytes { excerpt.unicodeScalars.removeLast() }
        return excerpt
    }
}

/// Who reacted with one emoji.
public struct Reaction: Codable, Sendable, Hashable {
    public var emoji: String
    /// In the order in which they did; never empty.
    public var users: [UserID]

    public init(emoji: String, users: [UserID]) {
        self.emoji = emoji
        self.users = users
    }
}

extension Message: Codable {
    private enum Key: String, CodingKey {
        case conversation, seq, rev, sender, clientMessageId, text, formatted, sentAt, kind, line, edited, deleted,
            replyTo, mentions, reactions
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        self.init(
            conversation: try fields.decode(ConversationID.self, forKey: .conversation),
            seq: try fields.decode(Int64.self, forKey: .seq), rev: try fields.decode(Int64.self, forKey: .rev),
            sender: try fields.decode(UserID.self, forKey: .sender),
            clientMessageId: try fields.decode(ClientMessageID.self, forKey: .clientMessageId),
            text: try fields.decode(String.self, forKey: .text),
            sentAt: try fields.decode(Timestamp.self, forKey: .sentAt),
            kind: try fields.decodeIfPresent(Kind.self, forKey: .kind) ?? .message,
            line: try fields.decodeIfPresent(GroupLine.self, forKey: .line),
            edit: try fields.decodeIfPresent(MessageEdit.self, forKey: .edited),
            isDeleted: try fields.decodeIfPresent(Bool.self, forKey: .deleted) ?? false,
            replyTo: try fields.decodeIfPresent(Quote.self, forKey: .replyTo),
            mentions: try fields.decodeIfPresent([Mention].self, forKey: .mentions) ?? [],
            reactions: try fields.decodeIfPresent([Reaction].self, forKey: .reactions) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(conversation, forKey: .conversation)
        try fields.encode(seq, forKey: .seq)
        try fields.encode(rev, forKey: .rev)
        try fields.encode(sender, forKey: .sender)
        try fields.encode(clientMessageId, forKey: .clientMessageId)
        try fields.encode(text, forKey: .text)
        try fields.encodeIfPresent(formatted, forKey: .formatted)
        try fields.encode(sentAt, forKey: .sentAt)
        if kind != .message { try fields.encode(kind, forKey: .kind) }
        try fields.encodeIfPresent(line, forKey: .line)
        try fields.encodeIfPresent(edit, forKey: .edited)
        if isDeleted { try fields.encode(true, forKey: .deleted) }
        try fields.encodeIfPresent(replyTo, forKey: .replyTo)
        if !mentions.isEmpty { try fields.encode(mentions, forKey: .mentions) }
        if !reactions.isEmpty { try fields.encode(reactions, forKey: .reactions) }
    }
}

/// Sends a message. Goes to the shard of the conversation. Faults: `not-found` (no such conversation, or the sender is
/// not a member, or has not opened it while nothing was sent), `invalid` (text; a `replyTo` that does not exist),
/// `client-message-id-reused` (the id was used for another text or another reply).
///
/// Any number of repeats give one message and the same reply, or, after it was changed, the message as it is then. A
/// reply to a message that is deleted is stored; its quote then has no text. Of `mentions` those are stored that are members
/// of the group, and the one of everybody if the sender may manage it; a direct conversation has none.
public struct SendMessage: ConversationCommand {
    public static let typeName = "message.send.v1"
    public typealias Reply = Message
    public var conversation: ConversationID
    public var sender: UserID
    public var clientMessageId: ClientMessageID
    public var text: String
    /// The `seq` of the message that this one answers.
    public var replyTo: Int64?
    /// The accounts that the text names, as far as they exist, and everybody if it names them; nil for none.
    public var mentions: [Mention]?

    public init(
        conversation: ConversationID, sender: UserID, clientMessageId: ClientMessageID, text: String,
        replyTo: Int64? = nil, mentions: [Mention]? = nil
    ) {
        self.conversation = conversation
        self.sender = sender
        self.clientMessageId = clientMessageId
        self.text = text
        self.replyTo = replyTo
        self.mentions = mentions
    }

    public var refusal: Fault? {
        MessageText.refusal(of: text) ?? (replyTo.map { $0 > 0 } ?? true ? nil : .unknownQuote)
            ?? Mention.refusal(of: mentions)
    }
}

/// Reads a stretch of a conversation. Faults: `not-found` (unknown, or the user is not a member), `invalid` (limit).
public struct ReadHistory: MessagesQuery {
    public static let typeName = "message.history.v1"
    public typealias Reply = MessagePage
    public var user: UserID
    public var conversation: ConversationID
    /// Only messages with a lower `seq`, the newest of them. Exclusive with `after`; neither gives the newest.
    public var before: Int64?
    /// Only messages with a higher `seq`, the oldest of them.
    public var after: Int64?
    /// 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(user: UserID, conversation: ConversationID, before: Int64? = nil, after: Int64? = nil, limit: Int) {
        self.user = user
        self.conversation = conversation
        self.before = before
        self.after = after
        self.limit = limit
    }
}

/// A stretch of messages in the order of `seq`, oldest first.
public struct MessagePage: Codable, Sendable, Hashable {
    public var messages: [Message]
    /// The number of the conversation's last change that this page reflects; the cursor to sync from.
    public var head: Int64
    /// Whether older messages than the first of these exist.
    public var hasOlder: Bool
    /// Whether newer messages than the last of these exist.
    public var hasNewer: Bool

    public init(messages: [Message], head: Int64, hasOlder: Bool, hasNewer: Bool) {
        self.messages = messages
        self.head = head
        self.hasOlder = hasOlder
        self.hasNewer = hasNewer
    }
}
