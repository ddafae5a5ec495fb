import ChatContracts

extension ChatContext.CurrentContext {
    /// A conversation of which nothing is known, or in which nothing was written yet.
    init(emptyWith other: User, me: UserID) {
        self.init(
            conversationId: ConversationID.direct(me, other.id).description,
            user: PersonContext(other.asPartner(of: me)), isNotes: other.id == me,
            path: PageText(ChatPages.path(to: other.username)), isEmpty: true,
            composer: .init(clientMessageId: ClientMessageID.random().description, draft: ""))
    }

    init(_ shown: ShownConversation, with other: User, me: UserID) {
        let conversation = shown.conversation
        let history = shown.history
        let path = ChatPages.path(to: other.username)
        self.init(
            conversationId: conversation.id.description, user: PersonContext(other.asPartner(of: me)),
            isNotes: other.id == me, path: PageText(path),
            composer: .init(clientMessageId: ClientMessageID.random().description, draft: ""))
        let mine = conversation.members.first { $0.user == me }
        let read = conversation.unread > 0 ? mine?.read ?? 0 : nil
        // Nobody else reads notes.
        let positions = conversation.members.first { $0.user == other.id && $0.user != me }
        messages = MessageLines(
            me: me, other: other, received: positions?.received ?? 0, read: positions?.read ?? 0,
            readAt: positions?.readAt, path: path
        ).lines(
            history.messages, readUpTo: read, unread: conversation.unread, reachesEnd: !history.hasNewer)
        if mine?.settings?.isBlocked == true {
            closedWords = PageText("You blocked \(other.displayName). To unblock them, JavaScript is needed.")
        } else if conversation.isRefused == true {
            closedWords = PageText("\(other.displayName) does not take messages from you.")
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
        if conversation.unread > 0, let readUpTo {
            let isHere = messages.contains { $0.newMessages != nil }
            unread = ChatContext.UnreadContext(
                words: newMessages(conversation.unread), after: read ?? 0, count: conversation.unread,
                href: PageText(isHere ? "#new" : "\(path)#new"), readUpTo: readUpTo)
        }
    }
}

extension User {
    /// The user as the one whom a conversation of `me` is with.
    func asPartner(of me: UserID) -> User {
        guard id == me else { return self }
        var notes = self
        notes.displayName = "Note to self"
        notes.about = nil
        return notes
    }
}

extension PageState.Shown {
    /// Nil unless the page shows the newest messages.
    init?(_ shown: ShownConversation, with other: User) {
        guard !shown.history.hasNewer else { return nil }
        self.init(conversation: shown.conversation, user: other, page: shown.history)
    }
}
