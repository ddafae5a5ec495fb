import ChatContracts

/// Reads the conversation that a page shows.
struct ShownConversations: Sendable {
    /// Messages on one page of a conversation.
    static let messagesPerPage = 50

    let requests: any Requests

    struct Shown {
        var context: ChatContext.CurrentContext
        /// Only if the page shows the newest messages.
        var state: PageState.Shown?
    }

    /// Looks a conversation up; one that does not exist yet is empty. Whatever
    /// could not be looked up is missing, and the problem says why.
    func read(
        _ id: ConversationID, with other: User, session: Session, part: ConversationPart, context: GatewayContext
    ) async -> (Shown, Problem?) {
        var shown = ChatContext.CurrentContext(
            conversationId: id.description, user: PersonContext(other),
            clientMessageId: ClientMessageID.random().description, draft: "")
        do throws(Problem) {
            let conversation = try await requests.call(
                GetConversation(user: session.user, conversation: id), context: context.bus())
            let mine = conversation.members.first { $0.user == session.user }
            let read = conversation.unread > 0 ? mine?.read ?? 0 : nil
            let history = try await requests.call(
                part.query(user: session.user, conversation: conversation, read: read, limit: Self.messagesPerPage),
                context: context.bus())
            let positions = conversation.members.first { $0.user == other.id }
            shown.messages = MessageLines(
                me: session.user, other: other, received: positions?.received ?? 0, read: positions?.read ?? 0
            ).lines(history.messages, readUpTo: read, unread: conversation.unread)
            let path = "/chatwithme/\(FormFields.encoded(other.username))"
            shown.isEmpty = history.messages.isEmpty
            shown.head = history.head
            shown.hasOlder = history.hasOlder
            if let first = history.messages.first, history.hasOlder {
                shown.olderHref = PageText("\(path)?before=\(first.seq)")
            }
            shown.hasNewer = history.hasNewer
            if let last = history.messages.last, history.hasNewer {
                shown.laterHref = PageText("\(path)?after=\(last.seq)")
                shown.newestHref = PageText("\(path)?at=newest#newest")
            }
            shown.readUpTo = history.messages.last { $0.sender != session.user }?.seq
            if conversation.unread > 0, let readUpTo = shown.readUpTo {
                let isHere = shown.messages.contains { $0.newMessages != nil }
                shown.unread = ChatContext.UnreadContext(
                    words: newMessages(conversation.unread), after: read ?? 0, count: conversation.unread,
                    href: PageText(isHere ? "#new" : "\(path)#new"), readUpTo: readUpTo)
            }
            let state =
                history.hasNewer ? nil : PageState.Shown(conversation: conversation, user: other, page: history)
            return (Shown(context: shown, state: state), nil)
        } catch {
            // It begins with its first message.
            shown.isEmpty = true
            return (Shown(context: shown), error.code == .notFound ? nil : error)
        }
    }
}
