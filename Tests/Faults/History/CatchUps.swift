/// Somebody asks for what happened in one conversation after a number, without being a tab that shows it.
public struct CatchUpInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String
    public var conversation: String
    /// Everything up to this number is known.
    public var cursor: Int64

    public init(op: Int64, user: String, session: String, gateway: String, conversation: String, cursor: Int64) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
        self.conversation = conversation
        self.cursor = cursor
    }
}

/// What the answer said of the conversation.
public struct CatchUpAnswered: Codable, Sendable, Hashable {
    public var op: Int64
    /// Everything up to this number is in the answer.
    public var cursor: Int64
    /// Whether the answer is the newest page instead, because too much happened.
    public var reset: Bool
    /// As the answer had them.
    public var messages: [SeenMessage]

    public init(op: Int64, cursor: Int64, reset: Bool, messages: [SeenMessage]) {
        self.op = op
        self.cursor = cursor
        self.reset = reset
        self.messages = messages
    }
}

/// What one answer said of a conversation to one of its members.
public struct ConversationSummary: Codable, Sendable, Hashable {
    /// The number of its last change.
    public var head: Int64
    /// How far the member had read.
    public var read: Int64
    /// How many messages the member had not read.
    public var unread: Int64

    public init(head: Int64, read: Int64, unread: Int64) {
        self.head = head
        self.read = read
        self.unread = unread
    }
}
