/// Reads everything of the messages service that a chat page shows: the user's most recently active conversations and, if
/// the page shows one, that conversation with a stretch of its history.
///
/// Each conversation is read once: the one that is shown is the same in the list, and its messages go up to its last one.
/// A part that cannot be answered carries its own fault: `not-found` for a conversation that is unknown, not the user's,
/// or only opened by the other member; `unavailable` for what cannot be read at the moment. Faults of the whole:
/// `invalid` (limit).
public struct ReadChatPage: MessagesQuery {
    public static let typeName = "conversation.chat-page.v1"
    public typealias Reply = ChatPage
    public var user: UserID
    /// The most conversations in the list: 1 to ``Limits/maximumPageSize``.
    public var limit: Int
    /// The conversation that the page shows; nil for the list alone.
    public var shown: Shown?

    public init(user: UserID, limit: Int = Limits.pageSize, shown: Shown? = nil) {
        self.user = user
        self.limit = limit
        self.shown = shown
    }

    public struct Shown: Codable, Sendable, Hashable {
        public var conversation: ConversationID
        public var part: HistoryPart
        /// The most messages: 1 to ``Limits/maximumPageSize``.
        public var limit: Int

        public init(conversation: ConversationID, part: HistoryPart, limit: Int) {
            self.conversation = conversation
            self.part = part
            self.limit = limit
        }
    }
}

public struct ChatPage: Codable, Sendable, Hashable {
    public var list: ReplyPart<ConversationPage>
    /// Nil if none was asked for.
    public var shown: ReplyPart<ShownConversation>?

    public init(list: ReplyPart<ConversationPage>, shown: ReplyPart<ShownConversation>? = nil) {
        self.list = list
        self.shown = shown
    }
}

/// A conversation and a stretch of its history, of the same head.
public struct ShownConversation: Codable, Sendable, Hashable {
    public var conversation: Conversation
    public var history: MessagePage

    public init(conversation: Conversation, history: MessagePage) {
        self.conversation = conversation
        self.history = history
    }
}

/// Which messages of a conversation to read.
public enum HistoryPart: Codable, Sendable, Hashable {
    /// From shortly before the first unread message on if the newest ones do not reach back to it, else the newest.
    case opening
    case newest
    /// The newest of those with a lower `seq`.
    case before(seq: Int64)
    /// The oldest of those with a higher `seq`.
    case after(seq: Int64)
    /// The message with this `seq` and what stands around it; the newest messages if it is among them.
    case around(seq: Int64)

    /// Messages that were read before and are shown above the first unread one, so that it has its context.
    private static let context: Int64 = 5

    /// The stretch of history that this part is.
    ///
    /// - Parameter conversation: as `user` sees it; its positions decide what ``opening`` is.
    public func history(of conversation: Conversation, for user: UserID, limit: Int) -> ReadHistory {
        var request = ReadHistory(user: user, conversation: conversation.id, limit: limit)
        switch self {
        case .opening:
            let read = conversation.members.first { $0.user == user }?.read ?? 0
            let newest = conversation.lastMessage?.seq ?? 0
            if conversation.unread > 0, newest - read > Int64(limit) { request.after = max(0, read - Self.context) }
        case .newest: break
        case .before(let seq): request.before = seq
        case .after(let seq): request.after = seq
        case .around(let seq):
            // Between two messages there are at most as many others as numbers.
            let newest = conversation.lastMessage?.seq ?? 0
            if newest - seq >= Int64(limit) { request.after = max(0, seq - 1 - Int64(limit / 2)) }
        }
        return request
    }
}

/// Reads everything of the users service that a chat page shows: the accounts of those who are on it, and the people to
/// talk to.
///
/// Faults: `invalid` for over 200 ids and usernames. What is wrong with the people alone is a fault of that part.
public struct ReadChatPeople: UsersQuery {
    public static let typeName = "user.chat-page.v1"
    public typealias Reply = ChatPeople
    /// Accounts to look up, as ``LookUpUsers`` does.
    public var ids: [UserID]
    public var usernames: [String]
    /// What people are searched for by, as ``FindUsers`` does; empty for the list of everybody, as ``ListUsers`` gives it.
    public var text: String
    /// Only in the list: only usernames after this one, from ``UserList/next``.
    public var after: String?
    /// The most people: 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(ids: [UserID] = [], usernames: [String] = [], text: String = "", after: String? = nil, limit: Int) {
        self.ids = ids
        self.usernames = usernames
        self.text = text
        self.after = after
        self.limit = limit
    }
}

public struct ChatPeople: Codable, Sendable, Hashable {
    /// Those that were looked up, in no particular order; unknown ones are absent.
    public var accounts: [User]
    public var people: ReplyPart<UserList>

    public init(accounts: [User], people: ReplyPart<UserList>) {
        self.accounts = accounts
        self.people = people
    }
}
