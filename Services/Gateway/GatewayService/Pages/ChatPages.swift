import ChatContracts
import Hummingbird

/// The list of people and conversations, and one conversation: complete without any script.
struct ChatPages: Sendable {
    let reader: ChatPageReader
    let renderer: PageRenderer
    let assets: Assets

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("chatwith", .ordinary) { try await showList($0, $1) }
        for conversation in ChatAddress.routes {
            routes.get(conversation, .ordinary) { try await showConversation($0, $1) }
        }
    }

    private func showList(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: request.head.path ?? "/chatwith") }
        let people = ShownPeople(FormFields(queryOf: request), isBesideConversation: false)
        let content = await reader.read(nil, people: people, session: session, context: context.bus())
        return page(context, sidebar(content, people, session), current: nil, title: "Chats")
    }

    private func showConversation(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let address = try context.chatAddress()
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        let query = FormFields(queryOf: request)
        let people = ShownPeople(query, isBesideConversation: true)
        let composer = ComposerState(query)
        let content = await reader.read(
            ChatReceiver(address), part: HistoryPart(query, composer: composer), people: people, session: session,
            context: context.bus())
        let sidebar = sidebar(content, people, session)
        switch content.receiver {
        case .success(let partner)?:
            var (current, problem) = current(content, with: partner, session)
            let unfit = current.compose(composer, among: content.messages, content.names(for: session))
            if problem == nil { problem = unfit }
            let state = (try? content.shown?.get()).flatMap { PageState.Shown($0, users: content.users) }
            return page(
                context, sidebar, current: current, shown: state, title: current.user.displayName, problem: problem)
        case .failure(let problem)?: return page(context, sidebar, current: nil, title: "Chats", problem: problem)
        case nil: return page(context, sidebar, current: nil, title: "Chats")
        }
    }

    /// The conversation's page after one of its forms was refused, with the text still in the form.
    ///
    /// - Parameter receiver: nil if nobody is known by the address.
    func rejected(
        _ form: RefusedForm, address: ChatAddress, receiver: ChatReceiver?, session: Session, context: GatewayContext
    ) async -> Response {
        let people = ShownPeople(FormFields(""), isBesideConversation: true)
        let content = await reader.read(
            receiver, part: HistoryPart(FormFields(""), composer: form.state), people: people,
            session: session, context: context.bus())
        var shown: ChatContext.CurrentContext
        if case .success(let partner)? = content.receiver {
            shown = current(content, with: partner, session).0
            shown.compose(form, among: content.messages, content.names(for: session))
        } else {
            let name = if case .person(let username) = address { username } else { "This group" }
            shown = ChatContext.CurrentContext(
                conversationId: "",
                user: PersonContext(id: "", username: PageText(name), displayName: PageText(name), face: nil),
                path: PageText(address.path), isEmpty: true, composer: .init(clientMessageId: "", draft: ""))
        }
        shown.composer.clientMessageId = form.id.description
        shown.composer.draft = PageText(form.text)
        shown.error = form.problem.context(form.words)
        return page(
            context, sidebar(content, people, session), current: shown, title: shown.user.displayName,
            problem: form.problem, asNotice: false)
    }

    private func sidebar(_ content: ChatPageContent, _ people: ShownPeople, _ session: Session) -> ChatSidebar {
        ChatSidebar(content, people: people, session: session, assets: assets.version)
    }

    /// One that does not exist yet is empty, and begins with its first message. So is one that could not be read, and the
    /// problem says why.
    private func current(
        _ content: ChatPageContent, with partner: ChatPartner, _ session: Session
    ) -> (ChatContext.CurrentContext, Problem?) {
        switch content.shown {
        case .success(let shown)?: return (.init(shown, with: partner, content.names(for: session)), nil)
        case .failure(let problem)? where problem.code != .notFound:
            return (.init(emptyWith: partner, me: session.user), problem)
        case .failure?, nil: return (.init(emptyWith: partner, me: session.user), nil)
        }
    }

    private func page(
        _ context: GatewayContext, _ sidebar: ChatSidebar, current: ChatContext.CurrentContext?,
        shown: PageState.Shown? = nil, title: PageText, problem: Problem? = nil, asNotice: Bool = true
    ) -> Response {
        var state = sidebar.state
        state.shown = shown
        var page = sidebar.context
        page.title = title
        page.current = current
        page.scriptState = state.json
        let told = problem ?? sidebar.problem
        if let told, asNotice || problem == nil {
            page.notice = NoticeContext(isError: true, text: PageText(told.detail))
        }
        return renderer.response(
            .chat, page, context.appearance, status: told?.status ?? .ok, retryAfter: told?.retryAfter)
    }
}

extension Problem {
    static func unknownReceiver(_ username: String) -> Problem {
        Problem(.notFound, .notFound, "There is nobody called \(username.prefix(64)) here.")
    }
}

extension ChatPageContent {
    func names(for session: Session) -> NamesOnPage {
        let listed = (try? list.get())?.page.conversations ?? []
        return NamesOnPage(me: session.user, users: users, blocked: listed.blocked(by: session.user))
    }
}
