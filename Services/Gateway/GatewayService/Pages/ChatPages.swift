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
        let people = ShownPeople(FormFields(queryOf: request))
        let content = await reader.read(nil, people: people, session: session, context: context.bus())
        return page(sidebar(content, people, session), current: nil, title: "Chats")
    }

    private func showConversation(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        let query = FormFields(queryOf: request)
        let people = ShownPeople(query)
        let content = await reader.read(
            .named(username), part: HistoryPart(query), people: people, session: session, context: context.bus())
        let sidebar = sidebar(content, people, session)
        switch content.receiver {
        case .success(let other)?:
            let (current, problem) = current(content, with: other, session)
            let state = (try? content.shown?.get()).flatMap { PageState.Shown($0, with: other) }
            return page(
                sidebar, current: current, shown: state, title: PageText(other.displayName), problem: problem)
        case .failure(let problem)?: return page(sidebar, current: nil, title: "Chats", problem: problem)
        case nil: return page(sidebar, current: nil, title: "Chats")
        }
    }

    /// The conversation's page after its form was refused, with the text still in the form, under the same id.
    ///
    /// - Parameter other: nil if nobody is known by the name.
    func rejected(
        text: String, id: ClientMessageID, username: String, other: User?, problem: Problem, session: Session,
        context: GatewayContext
    ) async -> Response {
        let people = ShownPeople(FormFields(""))
        let content = await reader.read(
            other.map { .account($0) }, people: people, session: session, context: context.bus())
        var shown: ChatContext.CurrentContext
        if let other {
            shown = current(content, with: other, session).0
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
            sidebar(content, people, session), current: shown, title: shown.user.displayName, problem: problem,
            asNotice: false)
    }

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
        _ sidebar: ChatSidebar, current: ChatContext.CurrentContext?, shown: PageState.Shown? = nil, title: PageText,
        problem: Problem? = nil, asNotice: Bool = true
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
        return renderer.response(.chat, page, status: told?.status ?? .ok, retryAfter: told?.retryAfter)
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
