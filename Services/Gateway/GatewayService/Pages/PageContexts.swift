// What the templates are given. Names of properties are names in the templates; nil counts as absent.

struct NoticeContext {
    var isError: Bool
    var text: PageText
}

struct PersonContext: Equatable {
    var id: String
    var username: PageText
    var displayName: PageText
    /// Nil if it is not known who it is.
    var face: FaceContext?
    /// What they say of themselves. Not called `about`, which templates around it have.
    var profileText: PageText?
    /// What stands below the name.
    var line: PageText?
}

/// A moment in words, with the exact one behind it.
struct MomentContext {
    /// RFC 3339.
    var at: String
    var words: String
    /// "Monday, 23 November 2026, 09:05:07 UTC".
    var exact: String
}

/// What went wrong, where the page says so: at the field, or at the form.
struct ProblemContext {
    var text: PageText
    /// From when on trying again makes sense, if there is a limit on how often.
    var until: MomentContext?
}

/// What every page has.
protocol PageContext {
    var title: PageText { get }
    /// The version in the addresses of assets.
    var assets: String { get }
    var me: PersonContext? { get }
    var notice: NoticeContext? { get }
    var look: AppearanceContext { get set }
}

struct SignInContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    var username: PageText
    var next: PageText
    /// The same for an address; nil for none.
    var nextQuery: String?
    /// Why the browser was signed out.
    var reason: PageText?
    /// A wrong name or password; which of them is not said.
    var wrong: ProblemContext?
    var error: ProblemContext?
}

struct SignUpContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    var username: PageText
    var displayName: PageText
    var next: PageText
    /// The same for an address; nil for none.
    var nextQuery: String?
    var usernameError: ProblemContext?
    var displayNameError: ProblemContext?
    var passwordError: ProblemContext?
    /// What is about no single field.
    var error: ProblemContext?
}

/// A page with nothing but what every page has.
struct PlainContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
}

struct ErrorContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    var status: Int
    var heading: PageText
    /// Nil if `about` says it all.
    var problem: ProblemContext?
    /// What is safe, or why it is as it is.
    var about: PageText?
    /// Whether trying again makes sense.
    var retry: Bool
    /// Whether the page does that by itself.
    var isWaiting: Bool
    /// What finds the log lines of the request.
    var reference: String?
}

struct ChatContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    var conversations: [ConversationContext] = []
    /// There is none at all.
    var noConversations = false
    /// Only those with something unread are listed, and there is none.
    var nothingUnread = false
    /// The same for those that mention the user, and those that are archived.
    var nothingMentions = false
    var nothingArchived = false
    var nothingRequested = false
    var onlyUnread = false
    var onlyMentions = false
    var onlyArchived = false
    var onlyRequests = false
    /// Whether there is a way to those that are archived, and to requests of strangers.
    var offersArchived = false
    var offersRequests = false
    /// In how many something is unread; nil for none.
    var unreadConversations: Int?
    /// The same for mentions of the user.
    var mentionConversations: Int?
    /// How many requests of strangers wait; nil for none.
    var requests: Int?
    /// Whether there is a way to those.
    var offersMentions = false
    var people: [PersonLinkContext] = []
    var search: PageText?
    var morePeople: PageText?
    var noPeople = false
    /// Whether there is anything to say about people.
    var showsPeople = false
    /// When the page was made: "14:02 UTC".
    var asOf = ""
    var current: CurrentContext?
    /// JSON for the script, safe in a script element; not escaped for HTML. No part of the page may have a value of this
    /// name: where a template finds none in a part, it takes the page's.
    var scriptState = ""

    struct ConversationContext {
        var username: PageText
        var displayName: PageText
        /// The username, where the display name could be somebody else's.
        var handle: PageText?
        var face: FaceContext
        var hasUnread: Bool
        var unread: PageText
        /// Whether something unread mentions the user.
        var hasMentions: Bool
        var isPinned: Bool
        var isMuted: Bool
        var preview: PageText
        var previewIsMine: Bool
        /// Who wrote the newest message, where a group shows it.
        var previewBy: PageText?
        /// How far the newest message came, if it is one's own.
        var progress: StateContext?
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
        var face: FaceContext
        var profileText: PageText?
        var href: PageText
    }

    struct CurrentContext {
        var conversationId: String
        var user: PersonContext
        /// Whether nobody else is in it.
        var isNotes = false
        var isGroup = false
        /// Why nobody writes in it; nil if they do.
        var closedWords: PageText?
        /// The buttons below those words, if it is a stranger's request.
        var request: RequestContext?
        /// The page's address without a query.
        var path: PageText
        var messages: [MessageContext] = []
        var isEmpty = false
        var hasOlder = false
        var olderHref: PageText?
        var hasNewer = false
        var laterHref: PageText?
        var newestHref: PageText?
        var head: Int64 = 0
        /// The newest message of the other one on this page; an answer says that it was read.
        var readUpTo: Int64?
        var unread: UnreadContext?
        var composer: ComposerContext
        var error: ProblemContext?
    }

    /// What can be done about a stranger's request.
    struct RequestContext {
        /// The version of the settings that this answers.
        var version: Int64
        var canBeDeclined: Bool
    }

    /// What was not read yet, with the button that says so.
    struct UnreadContext {
        /// "3 new messages".
        var words: String
        /// How far was read.
        var after: Int64
        var count: Int64
        /// The line before the first of them.
        var href: PageText
        var readUpTo: Int64
        /// "You are mentioned", or "3 mentions of you"; nil for none.
        var mentionWords: String?
        /// The first of them.
        var mentionHref: PageText?
    }
}
