/// A message as the API shows it: the same bytes in replies, events, history and sync.
public struct Message: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    /// The conversation's number at the birth of this message: its identity and its place, from 1.
    public var seq: Int64
    /// The conversation's number at its last change; equal to `seq` until it is changed.
    public var rev: Int64
    public var sender: UserID
    public var clientMessageId: ClientMessageID
    public var text: String
    /// By the clock of the service that stored it; for people only.
    public var sentAt: Timestamp

    public init(
        conversation: ConversationID, seq: Int64, rev: Int64, sender: UserID, clientMessageId: ClientMessageID,
        text: String, sentAt: Timestamp
    ) {
        self.conversation = conversation
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.clientMessageId = clientMessageId
        self.text = text
        self.sentAt = sentAt
    }
}

/// Sends a message. Goes to the shard of the conversation. Faults: `not-found` (no such conversation, or the sender is
/// not a member, or has not opened it while nothing was sent), `invalid` (text), `client-message-id-reused` (the id was
/// used for another text).
///
/// Any number of repeats give one message and the same reply.
public struct SendMessage: ConversationCommand {
    public static let typeName = "message.send.v1"
    public typealias Reply = Message
    public var conversation: ConversationID
    public var sender: UserID
    public var clientMessageId: ClientMessageID
    public var text: String

    public init(conversation: ConversationID, sender: UserID, clientMessageId: ClientMessageID, text: String) {
        self.conversation = conversation
        self.sender = sender
        self.clientMessageId = clientMessageId
        self.text = text
    }

    public var refusal: Fault? { MessageText.refusal(of: text) }
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
