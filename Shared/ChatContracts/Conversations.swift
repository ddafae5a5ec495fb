/// A conversation as one of its members sees it.
public struct Conversation: Codable, Sendable, Hashable {
    public enum Form: String, Codable, Sendable {
        /// Between two people, at most once for each pair; or of one person alone, for notes.
        case direct
        /// Of up to ``Limits/groupMembers`` people, with a name.
        case group
    }

    public var id: ConversationID
    public var form: Form
    /// Both members of a direct conversation, or the one of notes; of a group only the member whose view it is.
    public var members: [Member]
    /// The number of the last change; 0 while nothing was sent.
    public var head: Int64
    /// Messages from others after this member's read position: exact, but for groups, where ``Limits/countedUnread`` stands
    /// for as many or more.
    public var unread: Int64
    /// The newest message, nil while nothing was sent.
    public var lastMessage: Message?
    /// When the first message was sent; before, when this member opened the conversation.
    public var createdAt: Timestamp
    /// True if somebody else in it has blocked this member; else nil.
    public var isRefused: Bool?
    /// Of groups only.
    public var group: GroupInfo?
    /// The numbers of the unread messages that mention this member, oldest first; ``Limits/toldMentions`` stand for as many
    /// or more. Nil for none.
    public var mentions: [Int64]?

    public init(
        id: ConversationID, form: Form, members: [Member], head: Int64, unread: Int64, lastMessage: Message?,
        createdAt: Timestamp, isRefused: Bool? = nil, group: GroupInfo? = nil, mentions: [Int64]? = nil
    ) {
        self.id = id
        self.form = form
        self.members = members
        self.head = head
        self.unread = unread
        self.lastMessage = lastMessage
        self.createdAt = createdAt
        self.isRefused = isRefused
        self.group = group
        self.mentions = mentions
    }

    /// Whether this member's typing and reactions reach the others. They do not from a stranger's request, although writing in
    /// it accepts it.
    public func isOpen(for user: UserID) -> Bool {
        let settings = settings(of: user)
        return isRefused != true && settings?.isBlocked != true && settings?.request == nil
    }

    /// What this member has chosen for it; nil if nothing, and for others than the one whose view it is.
    public func settings(of user: UserID) -> ConversationSettings? { members.first { $0.user == user }?.settings }

    /// Whom this member has it with: the other one, or themselves in notes.
    public func partner(of user: UserID) -> UserID { members.first { $0.user != user }?.user ?? user }

    public struct Member: Codable, Sendable, Hashable {
        public var user: UserID
        /// The highest `seq` that one of the user's devices has received.
        public var received: Int64
        /// The highest `seq` that the user has read; never above `received`. Goes back only in the user's own view, when
        /// the user marks messages as unread: others keep seeing what was read.
        public var read: Int64
        /// How often the user has marked messages as unread, in the user's own view; nil if never, and for others. Of two
        /// positions the one with more marks is newer, whichever is higher.
        public var unreadMarks: Int64?
        /// When the user last read a message of somebody else for the first time; nil if never, or before this was kept.
        public var readAt: Timestamp?
        /// What the user has chosen for the conversation, in the user's own view; nil if nothing, and for others.
        public var settings: ConversationSettings?

        public init(
            user: UserID, received: Int64, read: Int64, unreadMarks: Int64? = nil, readAt: Timestamp? = nil,
            settings: ConversationSettings? = nil
        ) {
            self.user = user
            self.received = received
            self.read = read
            self.unreadMarks = unreadMarks
            self.readAt = readAt
            self.settings = settings
        }
    }
}

/// Makes the direct conversation of two people unless it exists, and answers with it. Goes to the shard of
/// ``Identifier/direct(_:_:)``. Idempotent. The conversation of somebody with themselves has one member, for notes.
///
/// For the other one it exists from its first message on, or from being opened by them, too: until then every request of
/// theirs is answered as if it did not exist.
///
/// That `other` is an account is for the caller to have checked with the users service.
public struct OpenDirectConversation: ConversationCommand {
    public static let typeName = "conversation.open-direct.v1"
    public typealias Reply = Conversation
    public var user: UserID
    public var other: UserID

    public init(user: UserID, other: UserID) {
        self.user = user
        self.other = other
    }

    public var conversation: ConversationID { .direct(user, other) }
}

/// Moves a member's positions forward; lower values than the stored ones change nothing, values above the head count as
/// the head. Goes to the shard of the conversation. Idempotent. Faults: `not-found`.
public struct SetPosition: ConversationCommand {
    public static let typeName = "position.set.v1"
    public typealias Reply = PositionChanged
    public var conversation: ConversationID
    public var user: UserID
    public var received: Int64?
    public var read: Int64?
    /// How many marks of ``MarkUnread`` the client knew when its user read; nil for a client that knows none of them. If
    /// there are more by now, `read` changes nothing.
    public var unreadMarks: Int64?

    public init(
        conversation: ConversationID, user: UserID, received: Int64? = nil, read: Int64? = nil,
        unreadMarks: Int64? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.received = received
        self.read = read
        self.unreadMarks = unreadMarks
    }

    public var refusal: Fault? {
        if let received, received < 0 { return Fault(.invalid, "A position is 0 or more.", field: "received") }
        if let read, read < 0 { return Fault(.invalid, "A position is 0 or more.", field: "read") }
        return nil
    }
}

/// Takes a member's own read position back to before a message, so that it and what follows is unread again. Others keep
/// seeing what was read. Goes to the shard of the conversation. Idempotent: a repeat finds its mark made. Faults:
/// `not-found`, `invalid`.
///
/// Nothing changes if the number of marks is another one than the command names: then it is a repeat, or another device was
/// faster, and the reply says where the position is.
public struct MarkUnread: ConversationCommand {
    public static let typeName = "position.mark-unread.v1"
    public typealias Reply = PositionChanged
    public var conversation: ConversationID
    public var user: UserID
    /// The `seq` of the first message that is to be unread, 1 or more.
    public var from: Int64
    /// How many marks the client knows, 0 or more: the state that this one replaces.
    public var unreadMarks: Int64

    public init(conversation: ConversationID, user: UserID, from: Int64, unreadMarks: Int64) {
        self.conversation = conversation
        self.user = user
        self.from = from
        self.unreadMarks = unreadMarks
    }

    public var refusal: Fault? {
        if from < 1 { return Fault(.invalid, "The number of a message is 1 or more.", field: "from") }
        if unreadMarks < 0 { return Fault(.invalid, "The number of marks is 0 or more.", field: "unreadMarks") }
        return nil
    }
}

/// The conversation as `user` sees it. Faults: `not-found` (unknown, not a member, or only opened by the other member).
public struct GetConversation: MessagesQuery {
    public static let typeName = "conversation.get.v1"
    public typealias Reply = Conversation
    public var user: UserID
    public var conversation: ConversationID

    public init(user: UserID, conversation: ConversationID) {
        self.user = user
        self.conversation = conversation
    }
}

/// A user's conversations, the most recently active first; before them, on the first page, those that the user has pinned.
/// Faults: `invalid` (limit, after).
public struct ListConversations: MessagesQuery {
    public static let typeName = "conversation.list.v1"
    public typealias Reply = ConversationPage
    public var user: UserID
    /// From ``ConversationPage/next``.
    public var after: String?
    /// 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(user: UserID, after: String? = nil, limit: Int = Limits.pageSize) {
        self.user = user
        self.after = after
        self.limit = limit
    }
}

public struct ConversationPage: Codable, Sendable, Hashable {
    /// On the first page the pinned ones come first, the one that was pinned last at the top: at most
    /// ``Limits/pinnedConversations``, beside what the limit allows. No conversation comes twice on a page, but a pinned one
    /// comes again in its place by activity on a later page.
    public var conversations: [Conversation]
    /// What to give as `after` for the next page; nil on the last.
    public var next: String?

    public init(conversations: [Conversation], next: String? = nil) {
        self.conversations = conversations
        self.next = next
    }
}
