/// One attempt to send a message. Attempts for one message share its `id`.
///
/// A tab sends the messages of one conversation one after the other: it invokes the next one only after the last was
/// acknowledged or given up. Copies of one message may be under way at the same time.
public struct SendInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var conversation: String
    /// The sender's user id.
    public var user: String
    /// The session by which the sender is known.
    public var session: String
    /// The client message id.
    public var id: String
    /// ``TextHash`` of the text.
    public var hash: String
    /// The gateway that was asked.
    public var gateway: String
    /// 1 for the first attempt of the message.
    public var attempt: Int
    /// The seq of the message that it answers; absent if it answers none.
    public var replyTo: Int64?

    public init(
        op: Int64, conversation: String, user: String, session: String, id: String, hash: String, gateway: String,
        attempt: Int, replyTo: Int64? = nil
    ) {
        self.op = op
        self.conversation = conversation
        self.user = user
        self.session = session
        self.id = id
        self.hash = hash
        self.gateway = gateway
        self.attempt = attempt
        self.replyTo = replyTo
    }
}

/// The message as the answer to a send described it.
public struct SendAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64
    public var seq: Int64
    public var rev: Int64
    public var sender: String
    public var id: String
    public var hash: String
    public var state: Alterations?

    public init(
        op: Int64, seq: Int64, rev: Int64, sender: String, id: String, hash: String, state: Alterations? = nil
    ) {
        self.op = op
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.id = id
        self.hash = hash
        self.state = state
    }
}
