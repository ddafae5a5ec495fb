import ChatContracts

extension ChatContext.CurrentContext {
    /// A conversation of which nothing is known, or in which nothing was written yet.
    init(emptyWith partner: ChatPartner, me: UserID) {
        self.init(
            conversationId: partner.conversation(for: me).description, user: PersonContext(partner),
            isNotes: partner.isNotes, path: PageText(partner.path), isEmpty: true,
            composer: .init(clientMessageId: ClientMessageID.random().description, draft: ""))
    }

    init(_ shown: ShownConversation, with partner: ChatPartner, _ names: NamesOnPage) {
        let conversation = shown.conversation
        let history = shown.history
        let path = partner.path
        let me = names.me
        self.init(
            conversationId: conversation.id.description, user: PersonContext(partner), isNotes: partner.isNotes,
            isGroup: conversation.group != nil, path: PageText(path),
            composer: .init(clientMessageId: ClientMessageID.random().description, draft: ""))
        let mine = conversation.members.first { $0.user == me }
        let read = conversation.unread > 0 ? mine?.read ?? 0 : nil
        // Nobody else reads notes, and in a group nobody is told how far others are.
        let positions = conversation.members.first { $0.user != me }
        messages = MessageLines(
            names: names, isGroup: conversation.group != nil, received: positions?.received ?? 0,
            read: positions?.read ?? 0, readAt: positions?.readAt, path: path
        ).lines(
            history.messages, readUpTo: read, unread: conversation.unread, reachesEnd: !history.hasNewer)
        if mine?.settings?.isBlocked == true {
            closedWords = PageText("You blocked \(partner.name). To unblock them, JavaScript is needed.")
        } else if let settings = mine?.settings, let standing = settings.request {
            closedWords = PageText(standing.words(of: partner.name))
            request = .init(version: settings.version, canBeDeclined: standing == .waiting)
        } else if conversation.isRefused == true {
            closedWords = PageText("\(partner.name) does not take messages from you.")
        }
        isEmpty = history.messages.isEmpty
        head = history.head
        hasOlder = history.hasOlder
        if let first = history.messages.first, history.hasOlder {
            olderHref = PageText("\(path)?before=\(first.seq)")
        }
        hasNewer = history.hasNewer
        if let last = history.messages.last, history.hasNewer {
            laterHref = PageText("\(path)?after=\(last.seq)")
            newestHref = PageText("\(path)?at=newest#newest")
        }
        readUpTo = history.messages.last { $0.sender != me }?.seq
        if conversation.unread > 0, request == nil, let readUpTo {
            let isHere = messages.contains { $0.newMessages != nil }
            unread = ChatContext.UnreadContext(
                words: newMessages(conversation.unread), after: read ?? 0, count: conversation.unread,
                href: PageText(isHere ? "#new" : "\(path)#new"), readUpTo: readUpTo)
            if let mentions = conversation.mentions, let first = mentions.first {
                unread?.mentionWords = mentions.count == 1 ? "You are mentioned" : "\(mentions.count) mentions of you"
                unread?.mentionHref = PageText("\(path)?at=\(first)#m\(first)")
            }
        }
    }
}

extension MessageRequest {
    /// The script says the same.
    fileprivate func words(of name: String) -> String {
        switch self {
        case .waiting:
            "You had no group in common with \(name), who does not learn whether you have seen this unless you accept."
        case .declined: "You declined this request. \(name) was not told."
        }
    }
}

extension PersonContext {
    init(_ partner: ChatPartner) {
        self.init(
            id: partner.user?.id.description ?? "", username: PageText(partner.user?.username ?? ""),
            displayName: PageText(partner.name), face: partner.face, profileText: partner.about.map { PageText($0) },
            line: PageText(partner.line))
    }
}

extension PageState.Shown {
    /// Nil unless the page shows the newest messages.
    init?(_ shown: ShownConversation, users: [UserID: User]) {
        guard !shown.history.hasNewer else { return nil }
        let conversation = shown.conversation
        let named = shown.history.messages.reduce(into: Set(conversation.members.map(\.user))) {
            $0.formUnion($1.namedUsers)
        }
        self.init(
            conversation: conversation,
            users: Dictionary(uniqueKeysWithValues: named.compactMap { id in users[id].map { (id.description, $0) } }),
            page: shown.history)
    }
}
