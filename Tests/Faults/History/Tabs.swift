/// A tab put a message at the end of what it shows of a conversation. What was shown before it is never put there again.
///
/// A conversation that a tab has not shown anything of begins with seq 1, unless a ``ViewReset`` says otherwise. Numbers
/// that were given to changes of earlier messages are no messages, so that the next one need not have the next number. Only
/// a message that was changed before the tab heard of it may come later than its place, and is then shown there.
public struct Viewed: Codable, Sendable, Hashable {
    /// Where the tab had the message from.
    public enum Source: String, Codable, Sendable {
        case stream, sync, history
        /// The answer to the tab's own send.
        case answer
    }

    public var conversation: String
    public var seq: Int64
    public var rev: Int64
    public var sender: String
    public var id: String
    public var hash: String
    public var via: Source
    public var state: Alterations?

    public init(
        conversation: String, seq: Int64, rev: Int64, sender: String, id: String, hash: String, via: Source,
        state: Alterations? = nil
    ) {
        self.conversation = conversation
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.id = id
        self.hash = hash
        self.via = via
        self.state = state
    }
}

/// A tab dropped what it showed of a conversation: because a sync said that it was too far behind, or because the page
/// was loaded anew.
public struct ViewReset: Codable, Sendable, Hashable {
    public var conversation: String
    /// The seq that the tab shows next, if there is a message with this number; the first one above it otherwise.
    public var next: Int64
    /// The number of the last change that the new beginning knows of; absent in older histories.
    public var head: Int64?

    public init(conversation: String, next: Int64, head: Int64? = nil) {
        self.conversation = conversation
        self.next = next
        self.head = head
    }
}

/// A gateway has accepted a tab's live stream: the answer's head has come.
public struct TabConnected: Codable, Sendable, Hashable {
    public var user: String
    public var session: String
    public var gateway: String
    /// When the stream was asked for, in nanoseconds since the run began, as ``HistoryWriter/now`` said.
    public var asked: Int64?

    public init(user: String, session: String, gateway: String, asked: Int64? = nil) {
        self.user = user
        self.session = session
        self.gateway = gateway
        self.asked = asked
    }
}

/// A tab's live stream has ended.
public struct TabDisconnected: Codable, Sendable, Hashable {
    public var reason: String

    public init(reason: String) { self.reason = reason }
}

/// A tab received later events before the ones between `from` and `to`, which a sync then brought.
public struct GapHealed: Codable, Sendable, Hashable {
    public var conversation: String
    /// The first rev that was missing.
    public var from: Int64
    /// The last rev that was missing.
    public var to: Int64

    public init(conversation: String, from: Int64, to: Int64) {
        self.conversation = conversation
        self.from = from
        self.to = to
    }
}
