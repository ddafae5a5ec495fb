import ChatContracts

/// The list of conversations and people beside a conversation, and what is handed to the script of it.
struct ChatSidebar {
    private(set) var context: ChatContext
    private(set) var state = PageState()
    /// Why a part is missing.
    private(set) var problem: Problem?

    init(_ content: ChatPageContent, people: ShownPeople, session: Session, assets: String, now: Timestamp = .now) {
        context = ChatContext(title: "Chats", assets: assets)
        context.search = people.text.isEmpty ? nil : PageText(people.text)
        switch content.me {
        case .success(let me): context.me = PersonContext(me)
        case .failure(let error):
            context.me = PersonContext(session: session, user: nil)
            problem = error
        }
        switch content.list {
        case .success(let list):
            let current = try? content.receiver?.get().id
            context.conversations = Self.lines(of: list, me: session.user, current: current, now: now)
            state.list = PageState.List(
                conversations: list.page.conversations,
                users: Dictionary(uniqueKeysWithValues: list.users.values.map { ($0.id.description, $0) }),
                next: list.page.next)
        case .failure(let error): problem = error
        }
        switch content.people {
        case .success(let list): show(list, of: people, me: session.user)
        case .failure(let error): problem = error
        }
    }

    private static func lines(
        of list: ChatPageContent.List, me: UserID, current: UserID?, now: Timestamp
    ) -> [ChatContext.ConversationContext] {
        list.page.conversations.compactMap { conversation in
            guard let id = conversation.members.first(where: { $0.user != me })?.user, let user = list.users[id],
                conversation.lastMessage != nil || id == current
            else { return nil }
            let last = conversation.lastMessage
            let at = last?.sentAt ?? conversation.createdAt
            return ChatContext.ConversationContext(
                username: PageText(user.username), displayName: PageText(user.displayName),
                face: FaceContext(of: user.id, named: user.displayName), hasUnread: conversation.unread > 0,
                unread: conversation.unread, preview: PageText(preview(of: last)), previewIsMine: last?.sender == me,
                when: at.shortText(now: now), at: at.description, isCurrent: id == current,
                href: PageText(
                    ChatPages.path(to: user.username)
                        + (conversation.unread > 0 ? "#new" : "#newest")))
        }
    }

    private mutating func show(_ list: UserList, of people: ShownPeople, me: UserID) {
        context.people = list.users.filter { $0.id != me }.map { user in
            ChatContext.PersonLinkContext(
                username: PageText(user.username), displayName: PageText(user.displayName),
                face: FaceContext(of: user.id, named: user.displayName),
                href: PageText("/chatwithme/\(FormFields.encoded(user.username))#newest"))
        }
        context.noPeople = context.people.isEmpty
        context.morePeople = list.next.map { PageText("/chatwith?after=\(FormFields.encoded($0))#people") }
        // A later page of people is not what the script's list begins with.
        if people.after == nil {
            state.people = PageState.People(text: people.text, users: list.users, next: list.next)
        }
    }

    private static func preview(of message: Message?) -> String {
        guard let message else { return "" }
        if message.isDeleted { return "Message deleted" }
        let line = message.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let start = line.count > 80 ? line.prefix(79) + "…" : line[...]
        return String(start)
    }
}
