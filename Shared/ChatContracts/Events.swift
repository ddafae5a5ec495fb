/// The routing keys that name events, beside the keys of their recipients' buckets. Each event's `event:` name on a live
/// stream is the same word.
public enum EventName {
    /// Data: ``Message``.
    public static let messageSent = "message.sent"
    /// Data: ``Message`` as the change has left it: its text, its reactions, or that it is deleted.
    public static let messageChanged = "message.changed"
    /// Data: ``PositionChanged``.
    public static let positionChanged = "position.changed"
    /// Data: ``ConversationOpened``.
    public static let conversationOpened = "conversation.opened"
    /// Data: ``ConversationSettingsChanged``. For the devices of the member alone.
    public static let conversationSettings = "conversation.settings"
    /// Data: ``ConversationClosed``. For the devices of whoever is no member any more.
    public static let conversationClosed = "conversation.closed"
    /// Data: ``Typing``. Stored nowhere; whoever misses it misses nothing.
    public static let typing = "conversation.typing"
    /// Data: `{conversation, text, replyTo, writtenAt}`. For the devices of whoever wrote it; a gateway keeps and publishes
    /// it.
    public static let draftChanged = "draft.changed"
    /// Data: ``User``.
    public static let userChanged = "user.changed"
    /// Data: ``SessionEnded``. Never shown to a browser.
    public static let sessionEnded = "session.ended"
    /// Data: ``CredentialsChanged``. Never shown to a browser.
    public static let credentialsChanged = "credentials.changed"
    /// Data: none. The receiver may have missed events and syncs.
    public static let resync = "resync"
    /// Data: ``RecentHeadsResponse`` of one user, `{conversation: head}`. Made by a gateway, never on the bus.
    public static let digest = "digest"
}

/// A member's positions moved; both members' devices learn of it, or those of the member alone if they went back. Also the
/// reply to ``SetPosition`` and ``MarkUnread``.
public struct PositionChanged: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    public var user: UserID
    public var received: Int64
    public var read: Int64
    /// What is still unread for `user` after the change, counted up to `head`.
    public var unread: Int64
    /// The conversation's number when this was counted. It lets a client that hears of messages and positions at
    /// different moments keep its own count exact.
    public var head: Int64
    /// ``Conversation/Member/unreadMarks`` of `user`; nil if there are none.
    public var unreadMarks: Int64?
    /// ``Conversation/Member/readAt`` of `user`.
    public var readAt: Timestamp?

    public init(
        conversation: ConversationID, user: UserID, received: Int64, read: Int64, unread: Int64, head: Int64,
        unreadMarks: Int64? = nil, readAt: Timestamp? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.received = received
        self.read = read
        self.unread = unread
        self.head = head
        self.unreadMarks = unreadMarks
        self.readAt = readAt
    }
}

/// A user has opened a conversation; that user's other devices fetch it. The other member hears of it with the first
/// message.
public struct ConversationOpened: Codable, Sendable, Hashable {
    public var conversation: ConversationID

    public init(conversation: ConversationID) { self.conversation = conversation }
}

/// A user is no member of a group any more, and that user's devices drop it.
public struct ConversationClosed: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    /// The number of the change. A later one may have made them a member again.
    public var rev: Int64

    public init(conversation: ConversationID, rev: Int64) {
        self.conversation = conversation
        self.rev = rev
    }
}

/// Somebody is writing in a conversation. The other members' devices show it for some seconds.
public struct Typing: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    public var user: UserID

    public init(conversation: ConversationID, user: UserID) {
        self.conversation = conversation
        self.user = user
    }
}

/// Sessions are dead from now on, everywhere.
public struct SessionEnded: Codable, Sendable, Hashable {
    public var user: UserID
    /// The lowercase hexadecimal SHA-256 of each ended session's token.
    public var sessions: [String]

    public init(user: UserID, sessions: [String]) {
        self.user = user
        self.sessions = sessions
    }
}

/// A password was changed: sessions that were opened with a lower credential version are dead from now on, everywhere.
public struct CredentialsChanged: Codable, Sendable, Hashable {
    public var user: UserID
    /// The account's credential version since the change.
    public var version: Int64

    public init(user: UserID, version: Int64) {
        self.user = user
        self.version = version
    }
}
