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
        context.onlyUnread = people.filter == .unread
        context.onlyArchived = people.filter == .archived
        context.asOf = "\(now.clockText) UTC"
        switch content.me {
        case .success(let me): context.me = PersonContext(me)
        case .failure(let error):
            context.me = PersonContext(session: session, user: nil)
            problem = error
        }
        let alike = LookAlikes(among: Self.known(content))
        switch content.list {
        case .success(let list):
            let current = try? content.receiver?.get().id
            show(list, only: people, current: current, me: session.user, alike: alike, now: now)
            state.list = PageState.List(
                conversations: list.page.conversations,
                users: Dictionary(uniqueKeysWithValues: list.users.values.map { ($0.id.description, $0) }),
                next: list.page.next)
        case .failure(let error): problem = error
        }
        switch content.people {
        case .success(let list)?: show(list, of: people, me: session.user)
        case .failure(let error)?: problem = error
        case nil: break
        }
    }

    /// Everybody whose name may be on the page.
    private static func known(_ content: ChatPageContent) -> [User] {
        let listed = ((try? content.list.get())?.users.values).map(Array.init) ?? []
        let found = (try? content.people?.get())?.users ?? []
        let others = [try? content.me.get(), try? content.receiver?.get()].compactMap { $0 }
        return listed + found + others
    }

    private mutating func show(
        _ list: ChatPageContent.List, only shown: ShownPeople, current: UserID?, me: UserID, alike: LookAlikes,
        now: Timestamp
    ) {
        let all = list.page.conversations.compactMap { conversation -> (Conversation, User)? in
            let id = conversation.partner(of: me)
            guard let user = list.users[id], conversation.lastMessage != nil || id == current else { return nil }
            return (conversation, user.asPartner(of: me))
        }
        let archived = Set(all.map(\.0).filter { $0.isArchived(for: me, at: now) }.map(\.id))
        let unread = all.count { $0.0.unread > 0 && !archived.contains($0.0.id) }
        context.unreadConversations = unread > 0 ? unread : nil
        context.offersArchived = !archived.isEmpty || shown.filter == .archived
        context.noConversations = all.isEmpty && shown.text.isEmpty && shown.filter != .archived
        context.nothingUnread = shown.filter == .unread && unread == 0 && !all.isEmpty
        context.nothingArchived = shown.filter == .archived && archived.isEmpty
        let words = shown.text.split(whereSeparator: \.isWhitespace).map { LookAlikes.folded(String($0)) }
        context.conversations = all.filter { conversation, user in
            if !words.isEmpty { return Self.matches(user, words) }
            if user.id == current { return true }
            guard archived.contains(conversation.id) == (shown.filter == .archived) else { return false }
            return shown.filter != .unread || conversation.unread > 0
        }.map { conversation, user in
            Self.line(conversation, with: user, me: me, isCurrent: user.id == current, alike: alike, now: now)
        }
    }

    /// Whether each word is a part of somebody's names.
    private static func matches(_ user: User, _ words: [String]) -> Bool {
        let names = [user.displayName, user.username].map(LookAlikes.folded)
        return words.allSatisfy { word in names.contains { $0.contains(word) } }
    }

    private static func line(
        _ conversation: Conversation, with user: User, me: UserID, isCurrent: Bool, alike: LookAlikes, now: Timestamp
    ) -> ChatContext.ConversationContext {
        let last = conversation.lastMessage
        let settings = conversation.settings(of: me)
        let at = last?.sentAt ?? conversation.createdAt
        var progress: MessageProgress?
        if let last, last.sender == me, !last.isDeleted,
            let positions = conversation.members.first(where: { $0.user == user.id })
        {
            // Nobody else reads notes.
            progress =
                user.id == me
                ? .sent : MessageProgress(of: last.seq, received: positions.received, read: positions.read)
        }
        return ChatContext.ConversationContext(
            username: PageText(user.username), displayName: PageText(user.displayName),
            handle: alike.contains(user.id) ? PageText(user.username) : nil,
            face: FaceContext(of: user.id, named: user.displayName), hasUnread: conversation.unread > 0,
            unread: conversation.unread, isPinned: settings?.pinnedAt != nil,
            isMuted: settings?.isMuted(at: now) ?? false, preview: PageText(preview(of: last)),
            previewIsMine: last?.sender == me,
            progress: progress.map { .init($0) }, when: at.shortText(now: now), at: at.description,
            isCurrent: isCurrent,
            href: PageText(ChatPages.path(to: user.username) + (conversation.unread > 0 ? "#new" : "#newest")))
    }

    /// Whoever is found as a conversation is not found as a person once more.
    private mutating func show(_ list: UserList, of people: ShownPeople, me: UserID) {
        let listed = people.text.isEmpty ? [] : Set(context.conversations.map(\.username.renderText))
        context.people = list.users.filter { $0.id != me && !listed.contains($0.username) }.map { user in
            ChatContext.PersonLinkContext(
                username: PageText(user.username), displayName: PageText(user.displayName),
                face: FaceContext(of: user.id, named: user.displayName), profileText: user.about.map { PageText($0) },
                href: PageText("/chatwithme/\(FormFields.encoded(user.username))#newest"))
        }
        context.noPeople = context.people.isEmpty && listed.isEmpty
        context.showsPeople = context.noPeople || !context.people.isEmpty
        context.morePeople = list.next.map { PageText("/chatwith?after=\(FormFields.encoded($0))#people") }
        // A later page of people is not what the script's list begins with.
        if people.after == nil {
            state.people = PageState.People(text: people.text, users: list.users, next: list.next)
        }
    }

    private static func preview(of message: Message?) -> String {
        guard let message else { return "No messages yet" }
        if message.isDeleted { return "Message deleted" }
        let line = message.plainText.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let start = line.count > 80 ? line.prefix(79) + "…" : line[...]
        return String(start)
    }
}

extension Conversation {
    fileprivate func isArchived(for user: UserID, at now: Timestamp) -> Bool {
        settings(of: user)?.isArchived(newest: lastMessage?.seq ?? 0, at: now) ?? false
    }
}
