/// Catches up from cursors, however old. Faults: `invalid` (more than ``Limits/syncCursors`` cursors).
///
/// Conversations that are unknown to the service, or of which the user is not a member, are left out of the answer: to
/// the client they no longer exist.
public struct SyncChanges: MessagesQuery {
    public static let typeName = "changes.sync.v1"
    public typealias Reply = SyncResponse
    public var user: UserID
    /// For each conversation that the client holds messages of: the highest `rev` it has applied.
    public var cursors: [ConversationID: Int64]
    /// How many of the most recently active conversations to describe as well, so that new ones are noticed; 0 to
    /// ``Limits/maximumPageSize``.
    public var recent: Int

    public init(user: UserID, cursors: [ConversationID: Int64], recent: Int = Limits.pageSize) {
        self.user = user
        self.cursors = cursors
        self.recent = recent
    }
}

public struct SyncResponse: Codable, Sendable, Hashable {
    /// The most recently active conversations and every one that a cursor named: positions and unread counts as of now.
    ///
    /// All of them are in every answer, also when it was cut short. What is left out when the answer gets large are the
    /// newest messages of conversations that a cursor named: the client has them, or finds them in ``changes``, if not of
    /// this answer, then of the next.
    public var conversations: [Conversation]
    /// For each cursor that is behind; with ``more``, for some of them, and perhaps not up to the head.
    public var changes: [ConversationChanges]
    /// Whether ``changes`` was cut short: some cursors are still behind the heads in ``conversations``. Ask again with the
    /// advanced cursors. Each answer that was cut short advances at least one of them.
    public var more: Bool

    public init(conversations: [Conversation], changes: [ConversationChanges], more: Bool) {
        self.conversations = conversations
        self.changes = changes
        self.more = more
    }
}

/// What happened in one conversation since a cursor.
public struct ConversationChanges: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    /// The new cursor: every change up to it is reflected.
    public var cursor: Int64
    /// The changed messages in the order of `rev`. With `reset`, the newest page in the order of `seq`.
    public var messages: [Message]
    /// True if the client was too far behind: it drops what it holds of this conversation, takes `messages` instead, and
    /// loads older ones as history when they are wanted.
    public var reset: Bool
    /// With `reset`: whether older messages than the first of these exist.
    public var hasOlder: Bool

    public init(conversation: ConversationID, cursor: Int64, messages: [Message], reset: Bool, hasOlder: Bool) {
        self.conversation = conversation
        self.cursor = cursor
        self.messages = messages
        self.reset = reset
        self.hasOlder = hasOlder
    }
}

/// The heads of conversations that changed lately, for many users at once: what a gateway tells its streams so that a
/// lost last event is noticed. Faults: `invalid` (over 1,000 users).
public struct RecentHeads: MessagesQuery {
    public static let typeName = "heads.recent.v1"
    public typealias Reply = RecentHeadsResponse
    public var users: [UserID]
    /// How far back to look, in seconds; at most 86,400.
    public var withinSeconds: Int

    public init(users: [UserID], withinSeconds: Int) {
        self.users = users
        self.withinSeconds = withinSeconds
    }
}

public struct RecentHeadsResponse: Codable, Sendable, Hashable {
    /// Users without a recently changed conversation are absent.
    public var heads: [UserID: [ConversationID: Int64]]

    public init(heads: [UserID: [ConversationID: Int64]]) { self.heads = heads }
}
