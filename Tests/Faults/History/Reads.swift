/// A message as a reader got it.
public struct SeenMessage: Codable, Sendable, Hashable {
    public var seq: Int64
    public var rev: Int64
    public var sender: String
    public var id: String
    public var hash: String
    public var state: Alterations?

    public init(seq: Int64, rev: Int64, sender: String, id: String, hash: String, state: Alterations? = nil) {
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.id = id
        self.hash = hash
        self.state = state
    }
}

/// A tab asks for everything since its cursors.
public struct SyncInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String

    public init(op: Int64, user: String, session: String, gateway: String) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
    }
}

/// What the tab holds after it has applied a sync's answer. The messages of the answer are ``Viewed`` and ``ViewChanged``
/// records before it.
public struct SyncAnswered: Codable, Sendable, Hashable {
    public var op: Int64
    /// For every conversation that the answer describes: the tab's cursor now.
    public var cursors: [String: Int64]
    /// Whether the answer was cut short, so that the cursors may be behind what was stored.
    public var more: Bool
    /// What the answer said of each conversation; absent in older histories.
    public var summaries: [String: ConversationSummary]?

    public init(
        op: Int64, cursors: [String: Int64], more: Bool, summaries: [String: ConversationSummary]? = nil
    ) {
        self.op = op
        self.cursors = cursors
        self.more = more
        self.summaries = summaries
    }
}

/// Somebody asks for the newest messages of a conversation, or for the newest that are older than `before`.
public struct ReadInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String
    public var conversation: String
    /// The seq that the page ends before; absent for the newest page.
    public var before: Int64?
    /// The seq that the page begins after, if the oldest messages after one were asked for.
    public var after: Int64?

    public init(
        op: Int64, user: String, session: String, gateway: String, conversation: String, before: Int64? = nil,
        after: Int64? = nil
    ) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
        self.conversation = conversation
        self.before = before
        self.after = after
    }
}

/// A page of history.
public struct ReadAnswered: Codable, Sendable, Hashable {
    public var op: Int64
    /// In the order of `seq`.
    public var messages: [SeenMessage]

    public init(op: Int64, messages: [SeenMessage]) {
        self.op = op
        self.messages = messages
    }
}

/// A member reports how far they received or read a conversation.
public struct PositionInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String
    public var conversation: String
    /// The highest seq that one of the member's tabs has received; absent if the request did not say.
    public var received: Int64?
    /// The highest seq that the member has read; absent if the request did not say.
    public var read: Int64?

    public init(
        op: Int64, user: String, session: String, gateway: String, conversation: String, received: Int64? = nil,
        read: Int64? = nil
    ) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
        self.conversation = conversation
        self.received = received
        self.read = read
    }
}

/// The position is stored, or a later one is.
public struct PositionAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64

    public init(op: Int64) { self.op = op }
}
