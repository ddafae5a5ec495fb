import ChatContracts

/// What a chat page is made of. Each part that could not be read is the problem that says why.
struct ChatPageContent: Sendable {
    /// A list of conversations with the accounts of those whom it names.
    struct List: Sendable {
        var page: ConversationPage
        var users: [UserID: User]
    }

    /// The one who is looking.
    var me: Result<User, Problem>
    var list: Result<List, Problem>
    /// Nil if the page lists none.
    var people: Result<UserList, Problem>?
    /// The one whom the page is about; nil if it is about nobody.
    var receiver: Result<ChatPartner, Problem>?
    /// The conversation with the receiver; nil if there is no receiver.
    var shown: Result<ShownConversation, Problem>?
    /// The accounts of everybody whom the page names, as far as they are known.
    var users: [UserID: User] = [:]
}

/// Whom a chat page is about.
enum ChatReceiver: Sendable {
    case named(String)
    /// Looked up before.
    case account(User)
    case group(ConversationID)

    init(_ address: ChatAddress) {
        switch address {
        case .person(let username): self = .named(username)
        case .group(let id): self = .group(id)
        }
    }
}

/// Which conversations a list has.
enum ListFilter: String, Sendable {
    /// All but those that are archived or requests.
    case all
    /// Of those the ones with something unread.
    case unread
    /// Of those the ones with something unread that mentions the user.
    case mentions
    case archived
    /// Those that strangers have begun and the user has not accepted.
    case requests
}

/// Which people a chat page lists, and which conversations.
struct ShownPeople: Sendable {
    static let perPage = 30

    /// What is searched for; empty for everybody.
    var text: String
    /// The place in the list of everybody.
    var after: String?
    /// Which conversations are listed beside them.
    var filter: ListFilter
    /// Whether any are listed.
    var areListed: Bool

    /// - Parameter isBesideConversation: Beside a conversation, only people who were searched for are listed: everybody
    ///   is one link away, and would be most of the page.
    init(_ query: FormFields, isBesideConversation: Bool) {
        text = query.text("q")
        after = isBesideConversation ? nil : query["after"]
        filter = query["show"].flatMap(ListFilter.init) ?? .all
        areListed = !isBesideConversation || !text.isEmpty
    }
}
