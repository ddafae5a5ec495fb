import ChatContracts
import Hummingbird

/// The list of people and conversations, and one conversation: complete without any script.
struct ChatPages: Sendable {
    let reader: ChatPageReader
    let renderer: PageRenderer
    let assets: Assets

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("chatwith", .ordinary) { try await showList($0, $1) }
        routes.get("chatwithme/:username", .ordinary) { try await showConversation($0, $1) }
    }

    private func showList(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: request.head.path ?? "/chatwith") }
        let people = ShownPeople(FormFields(queryOf: request), isBesideConversation: false)
        let content = await reader.read(nil, people: people, session: session, context: context.bus())
        return page(context, sidebar(content, people, session), current: nil, title: "Chats")
    }

    private func showConversation(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        let query = FormFields(queryOf: request)
        let people = ShownPeople(query, isBesideConversation: true)
        let composer = ComposerState(query)
        let content = await reader.read(
            .named(username), part: HistoryPart(query, composer: composer), people: people, session: session,
            context: context.bus())
        let sidebar = sidebar(content, people, session)
        switch content.receiver {
        case .success(let other)?:
            var (current, problem) = current(content, with: other, session)
            let unfit = current.compose(composer, among: content.messages, with: other, me: session.user)
            if problem == nil { problem = unfit }
            let state = (try? content.shown?.get()).flatMap { PageState.Shown($0, with: other) }
            return page(
                context, sidebar, current: current, shown: state, title: current.user.displayName, problem: problem)
        case .failure(let problem)?: return page(context, sidebar, current: nil, title: "Chats", problem: problem)
        case nil: return page(context, sidebar, current: nil, title: "Chats")
        }
    }

    /// The conversation's page after one of its forms was refused, with the text still in the form.
    ///
    /// - Parameter other: nil if nobody is known by the name.
    func rejected(
        _ form: RefusedForm, username: String, other: User?, session: Session, context: GatewayContext
    ) async -> Response {
        let people = ShownPeople(FormFields(""), isBesideConversation: true)
        let content = await reader.read(
            other.map { .account($0) }, part: HistoryPart(FormFields(""), composer: form.state), people: people,
            session: session, context: context.bus())
        var shown: ChatContext.CurrentContext
        if let other {
            shown = current(content, with: other, session).0
            shown.compose(form, among: content.messages, with: other, me: session.user)
        } else {
            shown = ChatContext.CurrentContext(
                conversationId: "",
                user: PersonContext(
                    id: "", username: PageText(username), displayName: PageText(username), face: nil),
                path: PageText(Self.path(to: username)), isEmpty: true, composer: .init(clientMessageId: "", draft: ""))
        }
        shown.composer.clientMessageId = form.id.description
        shown.composer.draft = PageText(form.text)
        shown.error = form.problem.context(form.words)
        return page(
            context, sidebar(content, people, session), current: shown, title: shown.user.displayName,
            problem: form.problem, asNotice: false)
    }

    /// The address of the conversation with somebody.
    static func path(to username: String) -> String { "/chatwithme/\(FormFields.encoded(username))" }

    private func sidebar(_ content: ChatPageContent, _ people: ShownPeople, _ session: Session) -> ChatSidebar {
        ChatSidebar(content, people: people, session: session, assets: assets.version)
    }

    /// One that does not exist yet is empty, and begins with its first message. So is one that could not be read, and the
    /// problem says why.
    private func current(
        _ content: ChatPageContent, with other: User, _ session: Session
    ) -> (ChatContext.CurrentContext, Problem?) {
        switch content.shown {
        case .success(let shown)?: return (.init(shown, with: other, me: session.user), nil)
        case .failure(let problem)? where problem.code != .notFound:
            return (.init(emptyWith: other, me: session.user), problem)
        case .failure?, nil: return (.init(emptyWith: other, me: session.user), nil)
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
