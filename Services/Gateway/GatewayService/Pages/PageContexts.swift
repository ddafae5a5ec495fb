// What the templates are given. Names of properties are names in the templates; nil counts as absent.

struct NoticeContext {
    var isError: Bool
    var text: PageText
}

struct PersonContext: Equatable {
    var id: String
    var username: PageText
    var displayName: PageText
    var initials: PageText
}

/// What every page has.
protocol PageContext {
    var title: PageText { get }
    /// The version in the addresses of assets.
    var assets: String { get }
    var me: PersonContext? { get }
    var notice: NoticeContext? { get }
}

struct SignInContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var username: PageText
    var next: PageText
    var error: PageText?
}

struct SignUpContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var username: PageText
    var displayName: PageText
    var error: PageText?
}

struct LogoutContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
}

struct ErrorContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var status: Int
    var heading: PageText
    var text: PageText
    var retry: Bool
}

struct AccountContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var displayName: PageText
    var error: PageText?
    var saved: PageText?
    var sessions: [SessionContext]

    struct SessionContext {
        var id: String
        var isCurrent: Bool
        var agent: PageText
        var createdAt: String
        var lastSeenAt: String
    }
}

struct ChatContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var conversations: [ConversationContext] = []
    var people: [PersonLinkContext] = []
    var search: PageText?
    var morePeople: PageText?
    var noPeople = false
    var current: CurrentContext?
    /// JSON for the script, safe in a script element; not escaped for HTML. No part of the page may have a value of this
    /// name: where a template finds none in a part, it takes the page's.
    var scriptState = ""

    struct ConversationContext {
        var username: PageText
        var displayName: PageText
        var initials: PageText
        var hasUnread: Bool
        var unread: Int64
        var preview: PageText
        /// For people.
        var when: String
        /// RFC 3339.
        var at: String
        var isCurrent: Bool
        var href: PageText
    }

    struct PersonLinkContext {
        var username: PageText
        var displayName: PageText
        var initials: PageText
        var href: PageText
    }

    struct CurrentContext {
        var conversationId: String
        var user: PersonContext
        var messages: [MessageContext] = []
        var isEmpty = false
        var hasOlder = false
        var olderHref: PageText?
        var hasNewer = false
        var newestHref: PageText?
        var head: Int64 = 0
        var clientMessageId: String
        var draft: PageText
        var error: PageText?
    }

    struct MessageContext {
        var seq: Int64
        var rev: Int64
        var mine: Bool
        var author: PageText
        var text: PageText
        /// RFC 3339.
        var sentAt: String
        /// "09:05", UTC.
        var time: String
        /// On the first message of each day.
        var day: String?
        var clientMessageId: String
        /// "Sent", "Delivered" or "Read"; only of one's own messages.
        var state: String?
    }
}
