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
        context.onlyMentions = people.filter == .mentions
        context.onlyArchived = people.filter == .archived
        context.onlyRequests = people.filter == .requests
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
            let current = try? content.receiver?.get().conversation(for: session.user)
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
        let others = [try? content.me.get(), try? content.receiver?.get().user].compactMap { $0 }
        return listed + found + others
    }

    private mutating func show(
        _ list: ChatPageContent.List, only shown: ShownPeople, current: ConversationID?, me: UserID, alike: LookAlikes,
        now: Timestamp
    ) {
        let all = list.page.conversations.compactMap { conversation -> (Conversation, ChatPartner)? in
            guard let partner = ChatPartner(in: conversation, for: me, among: list.users),
                conversation.lastMessage != nil || conversation.id == current
            else { return nil }
            return (conversation, partner)
        }
        let names = NamesOnPage(
            me: me, users: list.users, blocked: list.page.conversations.blocked(by: me))
        let shelves = all.map { $0.0.shelf(for: me, at: now) }
        let inList = zip(all, shelves).filter { $1 == .list }.map(\.0.0)
        let unread = inList.count { $0.unread > 0 }
        context.unreadConversations = unread > 0 ? unread : nil
        let mentions = inList.count { $0.mentions != nil }
        context.mentionConversations = mentions > 0 ? mentions : nil
        context.offersMentions = mentions > 0 || shown.filter == .mentions
        context.nothingMentions = shown.filter == .mentions && mentions == 0
        context.offersArchived = shelves.contains(.archived) || shown.filter == .archived
        let requests = shelves.count { $0 == .requests }
        context.requests = requests > 0 ? requests : nil
        context.offersRequests = requests > 0 || shown.filter == .requests
        context.nothingRequested = shown.filter == .requests && requests == 0
        context.nothingUnread = shown.filter == .unread && unread == 0 && !all.isEmpty
        context.nothingArchived = shown.filter == .archived && !shelves.contains(.archived)
        let words = shown.text.split(whereSeparator: \.isWhitespace).map { LookAlikes.folded(String($0)) }
        context.conversations = zip(all, shelves).filter { listed, shelf in
            let (conversation, partner) = listed
            if !words.isEmpty { return Self.matches(partner, words) }
            if conversation.id == current { return true }
            switch shown.filter {
            case .all: return shelf == .list
            case .unread: return shelf == .list && conversation.unread > 0
            case .mentions: return shelf == .list && conversation.mentions != nil
            case .archived: return shelf == .archived
            case .requests: return shelf == .requests
            }
        }.map(\.0).map { conversation, partner in
            Self.line(
                conversation, with: partner, names, isCurrent: conversation.id == current, alike: alike, now: now)
        }
        let isForAll = shown.filter == .all || shown.filter == .unread && all.isEmpty
        context.noConversations = isForAll && shown.text.isEmpty && context.conversations.isEmpty
    }

    /// Whether each word is a part of somebody's names.
    private static func matches(_ partner: ChatPartner, _ words: [String]) -> Bool {
        let names = partner.names.map(LookAlikes.folded)
        return words.allSatisfy { word in names.contains { $0.contains(word) } }
    }

    private static func line(
        _ conversation: Conversation, with partner: ChatPartner, _ names: NamesOnPage, isCurrent: Bool,
        alike: LookAlikes, now: Timestamp
    ) -> ChatContext.ConversationContext {
        let me = names.me
        let last = conversation.lastMessage
        let settings = conversation.settings(of: me)
        let at = last?.sentAt ?? conversation.createdAt
        var progress: MessageProgress?
        let isMine = last?.sender == me && last?.line == nil
        if let last, isMine, !last.isDeleted {
            // Nobody else reads notes, and in a group nobody is told how far others are.
            let positions = conversation.members.first { $0.user != me }
            progress = MessageProgress(of: last.seq, received: positions?.received ?? 0, read: positions?.read ?? 0)
        }
        let user = partner.user
        let isBy = conversation.group != nil && !isMine && last?.line == nil
        return ChatContext.ConversationContext(
            username: PageText(user?.username ?? ""), displayName: PageText(partner.name),
            handle: user.flatMap { alike.contains($0.id) ? PageText($0.username) : nil }, face: partner.face,
            hasUnread: conversation.unread > 0, unread: PageText(unreadText(conversation.unread)),
            hasMentions: conversation.mentions != nil, isPinned: settings?.pinnedAt != nil,
            isMuted: settings?.isMuted(at: now) ?? false,
            preview: PageText(preview(of: last, isInGroup: conversation.group != nil, names)), previewIsMine: isMine,
            previewBy: isBy ? last.map { PageText(names[$0.sender]) } : nil, progress: progress.map { .init($0) },
            when: at.shortText(now: now), at: at.description, isCurrent: isCurrent,
            href: PageText(partner.path + (conversation.unread > 0 ? "#new" : "#newest")))
    }

    /// The script says the same.
    private static func unreadText(_ count: Int64) -> String { count > 999 ? "999+" : "\(count)" }

    /// Whoever is found as a conversation is not found as a person once more.
    private mutating func show(_ list: UserList, of people: ShownPeople, me: UserID) {
        let listed = people.text.isEmpty ? [] : Set(context.conversations.map(\.username.renderText))
        context.people = list.users.filter { $0.id != me && !listed.contains($0.username) }.map { user in
            ChatContext.PersonLinkContext(
                username: PageText(user.username), displayName: PageText(user.displayName),
                face: FaceContext(of: user.id, named: user.displayName), profileText: user.about.map { PageText($0) },
                href: PageText("\(ChatAddress.person(user.username).path)#newest"))
        }
        context.noPeople = context.people.isEmpty && listed.isEmpty
        context.showsPeople = context.noPeople || !context.people.isEmpty
        context.morePeople = list.next.map { PageText("/chatwith?after=\(FormFields.encoded($0))#people") }
        // A later page of people is not what the script's list begins with.
        if people.after == nil {
            state.people = PageState.People(text: people.text, users: list.users, next: list.next)
        }
    }

    private static func preview(of message: Message?, isInGroup: Bool, _ names: NamesOnPage) -> String {
        guard let message else { return "No messages yet" }
        if isInGroup, names.blocked.contains(message.sender), message.line == nil {
            return ChatContext.MessageContext.foldedWords
        }
        if let line = message.line { return line.words(by: message.sender, names) }
        if message.isDeleted { return "Message deleted" }
        let line = message.plainText.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let start = line.count > 80 ? line.prefix(79) + "…" : line[...]
        return String(start)
    }
}

/// Where a conversation is listed; a request that was declined is nowhere.
private enum Shelf {
    case list
    case archived
    case requests
    case nowhere
}

extension Conversation {
    fileprivate func shelf(for user: UserID, at now: Timestamp) -> Shelf {
        guard let settings = settings(of: user) else { return .list }
        switch settings.request {
        case .waiting: return .requests
        case .declined: return .nowhere
        case nil: return settings.isArchived(newest: lastMessage?.seq ?? 0, at: now) ? .archived : .list
        }
    }
}
