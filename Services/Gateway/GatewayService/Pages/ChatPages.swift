import ChatContracts
import Hummingbird
import Logging

/// The list of people and conversations, and one conversation: complete without any script.
struct ChatPages: Sendable {
    let renderer: PageRenderer
    let requests: any Requests
    let accounts: Accounts
    let directory: UserDirectory
    let sending: MessageSending
    let assets: Assets

    private static let peoplePerPage = 30

    private var readPositions: ReadPositions { ReadPositions(requests: requests) }
    private var shownConversations: ShownConversations { ShownConversations(requests: requests) }

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("chatwith", .ordinary) { try await showList($0, $1) }
        routes.get("chatwithme/:username", .ordinary) { try await showConversation($0, $1) }
        routes.post("chatwithme/:username", form: .send) { try await send($0, $1) }
        routes.post("chatwithme/:username/read", .ordinary) { try await markRead($0, $1) }
    }

    private func showList(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: request.head.path ?? "/chatwith") }
        let sidebar = await sidebar(session, query: FormFields(queryOf: request), current: nil, context)
        return page(sidebar, current: nil, title: "Chats")
    }

    // MARK: One conversation

    private func showConversation(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        let query = FormFields(queryOf: request)
        let other: User
        do throws(Problem) {
            guard let found = try await directory.user(named: username, context: context.bus()) else {
                throw .unknownReceiver(username)
            }
            guard found.id != session.user else { throw .talkingToOneself }
            other = found
        } catch {
            let sidebar = await sidebar(session, query: query, current: nil, context)
            return page(sidebar, current: nil, title: "Chats", problem: error, asNotice: true)
        }
        let conversation = ConversationID.direct(session.user, other.id)
        async let sidebarResult = sidebar(session, query: query, current: other.id, context)
        async let currentResult = shownConversations.read(
            conversation, with: other, session: session, part: ConversationPart(query), context: context)
        let (current, problem) = await currentResult
        var sidebar = await sidebarResult
        sidebar.state.shown = current.state
        return page(sidebar, current: current.context, title: PageText(other.displayName), problem: problem)
    }

    private func send(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        guard let session = try context.session() else {
            return .signIn(returningTo: "/chatwithme/\(FormFields.encoded(username))")
        }
        let form = try await FormFields(bodyOf: request)
        // Browsers send line breaks of a text area as CR LF.
        let text = form.text("text").replacing("\r\n", with: "\n")
        let id = form["clientMessageId"].flatMap { ClientMessageID($0) }
        var other: User?
        let problem: Problem
        do throws(Problem) {
            other = try await directory.user(named: username, context: context.bus())
            guard let other else { throw .unknownReceiver(username) }
            try context.checkAdmission()
            guard let id else { throw .invalid("clientMessageId", "The form is damaged; send it again.") }
            try MessageText.check(text)
            try await send(text, id: id, to: other, session: session, context: context)
            // Who answers has read what stood above the form. The message is sent, whatever becomes of this.
            let moved = try? await readPositions.move(
                form, with: other, session: session, context: context.bus(timeout: .seconds(2)))
            let isFarBehind = moved.map { $0.unread > Int64(ShownConversations.messagesPerPage) } ?? false
            let path = "/chatwithme/\(FormFields.encoded(other.username))"
            return .seeOther(isFarBehind ? "\(path)?at=newest#newest" : "\(path)#newest")
        } catch {
            problem = error
        }
        return await rejected(
            text: text, id: id ?? .random(), username: username, other: other, problem: problem, session: session,
            context: context)
    }

    private func send(
        _ text: String, id: ClientMessageID, to other: User, session: Session, context: GatewayContext
    ) async throws(Problem) {
        let message = SendMessage(
            conversation: .direct(session.user, other.id), sender: session.user, clientMessageId: id, text: text)
        do throws(Problem) {
            _ = try await sending.send(message, context: context)
        } catch {
            // Most messages go to a conversation that exists, so it is only made when it turns out not to.
            guard error.code == .notFound else { throw error }
            _ = try await requests.callRaw(
                OpenDirectConversation(user: session.user, other: other.id), context: context.bus())
            _ = try await sending.send(message, context: context)
        }
    }

    /// The conversation's page with the text still in its form, under the same id.
    private func rejected(
        text: String, id: ClientMessageID, username: String, other: User?, problem: Problem, session: Session,
        context: GatewayContext
    ) async -> Response {
        async let sidebarResult = sidebar(session, query: FormFields(""), current: other?.id, context)
        var shown: ChatContext.CurrentContext
        if let other {
            shown = await shownConversations.read(
                .direct(session.user, other.id), with: other, session: session, part: .opening, context: context
            ).0.context
        } else {
            shown = ChatContext.CurrentContext(
                conversationId: "",
                user: PersonContext(
                    id: "", username: PageText(username), displayName: PageText(username),
                    initials: PageText(initials(of: username))),
                isEmpty: true, clientMessageId: "", draft: "")
        }
        shown.clientMessageId = id.description
        shown.draft = PageText(text)
        shown.error = problem.context(problem.sendText)
        return page(
            await sidebarResult, current: shown, title: shown.user.displayName, problem: problem, asNotice: false)
    }

    /// The button that says that its reader has seen what the page shows.
    private func markRead(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        let path = "/chatwithme/\(FormFields.encoded(username))"
        guard let session = try context.session() else { return .signIn(returningTo: path) }
        let form = try await FormFields(bodyOf: request)
        guard let other = try await directory.user(named: username, context: context.bus()) else {
            throw Problem.unknownReceiver(username)
        }
        _ = try await readPositions.move(form, with: other, session: session, context: context.bus())
        return .seeOther("\(path)#new")
    }

    // MARK: The list beside it

    private struct Sidebar {
        var context: ChatContext
        var state = PageState()
        var problem: Problem?
    }

    private func sidebar(
        _ session: Session, query: FormFields, current: UserID?, _ context: GatewayContext
    ) async -> Sidebar {
        async let conversationsResult = conversations(of: session, current: current, context)
        async let peopleResult = people(for: session, query: query, context)
        var page = ChatContext(title: "Chats", assets: assets.version)
        let search = query.text("q")
        page.search = search.isEmpty ? nil : PageText(search)
        var state = PageState()
        var problem: Problem?
        do throws(Problem) {
            let me = try await accounts.user(of: session, context: context)
            page.me = PersonContext(me)
        } catch {
            page.me = PersonContext(session: session, user: nil)
            problem = error
        }
        switch await conversationsResult {
        case .success(let found):
            page.conversations = found.conversations
            state.list = found.state
        case .failure(let error): problem = error
        }
        switch await peopleResult {
        case .success(let found):
            page.people = found.people
            page.morePeople = found.more
            page.noPeople = found.people.isEmpty
            state.people = found.state
        case .failure(let error): problem = error
        }
        return Sidebar(context: page, state: state, problem: problem)
    }

    private func conversations(
        of session: Session, current: UserID?, _ context: GatewayContext
    ) async -> Result<(conversations: [ChatContext.ConversationContext], state: PageState.List), Problem> {
        do throws(Problem) {
            let page = try await requests.call(ListConversations(user: session.user), context: context.bus())
            let others = page.conversations.compactMap { conversation in
                conversation.members.first { $0.user != session.user }.map { (conversation, $0.user) }
            }
            let users = try await directory.users(Set(others.map(\.1)), context: context.bus())
            let now = Timestamp.now
            let shown = others.compactMap { conversation, id -> ChatContext.ConversationContext? in
                guard let user = users[id], conversation.lastMessage != nil || id == current else { return nil }
                let last = conversation.lastMessage
                let at = last?.sentAt ?? conversation.createdAt
                return ChatContext.ConversationContext(
                    username: PageText(user.username), displayName: PageText(user.displayName),
                    initials: PageText(initials(of: user.displayName)), hasUnread: conversation.unread > 0,
                    unread: conversation.unread, preview: PageText(preview(of: last)),
                    previewIsMine: last?.sender == session.user,
                    when: at.shortText(now: now), at: at.description, isCurrent: id == current,
                    href: PageText(
                        "/chatwithme/\(FormFields.encoded(user.username))"
                            + (conversation.unread > 0 ? "#new" : "#newest")))
            }
            let accounts = Dictionary(uniqueKeysWithValues: users.values.map { ($0.id.description, $0) })
            return .success(
                (shown, PageState.List(conversations: page.conversations, users: accounts, next: page.next)))
        } catch {
            return .failure(error)
        }
    }

    private func people(
        for session: Session, query: FormFields, _ context: GatewayContext
    ) async -> Result<
        (people: [ChatContext.PersonLinkContext], more: PageText?, state: PageState.People?), Problem
    > {
        do throws(Problem) {
            let text = query.text("q")
            let list =
                if text.isEmpty {
                    try await requests.call(
                        ListUsers(after: query["after"], limit: Self.peoplePerPage), context: context.bus())
                } else {
                    try await requests.call(FindUsers(text: text, limit: Self.peoplePerPage), context: context.bus())
                }
            let people = list.users.filter { $0.id != session.user }.map { user in
                ChatContext.PersonLinkContext(
                    username: PageText(user.username), displayName: PageText(user.displayName),
                    initials: PageText(initials(of: user.displayName)),
                    href: PageText("/chatwithme/\(FormFields.encoded(user.username))#newest"))
            }
            let more = list.next.map { next in
                PageText("/chatwith?after=\(FormFields.encoded(next))#people")
            }
            // A later page of people is not what the script's list begins with.
            let state =
                query["after"] == nil ? PageState.People(text: text, users: list.users, next: list.next) : nil
            return .success((people, more, state))
        } catch {
            return .failure(error)
        }
    }

    private func preview(of message: Message?) -> String {
        guard let message else { return "" }
        let line = message.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let start = line.count > 80 ? line.prefix(79) + "…" : line[...]
        return String(start)
    }

    private func page(
        _ sidebar: Sidebar, current: ChatContext.CurrentContext?, title: PageText, problem: Problem? = nil,
        asNotice: Bool = true
    ) -> Response {
        var page = sidebar.context
        page.title = title
        page.current = current
        page.scriptState = sidebar.state.json
        let shown = problem ?? sidebar.problem
        if let shown, asNotice || problem == nil {
            page.notice = NoticeContext(isError: true, text: PageText(shown.detail))
        }
        return renderer.response(.chat, page, status: shown?.status ?? .ok, retryAfter: shown?.retryAfter)
    }
}

extension Problem {
    static func unknownReceiver(_ username: String) -> Problem {
        Problem(.notFound, .notFound, "There is nobody called \(username.prefix(64)) here.")
    }

    static let talkingToOneself = Problem.invalid("username", "That is you. Choose somebody else to talk to.")

    /// What the form says: above all, whether it makes sense to press the button again.
    fileprivate var sendText: String {
        switch code {
        case .unavailable, .busy: "Your message was not sent, because the server is not complete right now. Try again."
        case .outcomeUnknown: "It is not certain that your message was sent. Send it again: it will not appear twice."
        case .tooManyRequests: "Your message was not sent, because you are sending faster than this server allows."
        default: detail
        }
    }
}
