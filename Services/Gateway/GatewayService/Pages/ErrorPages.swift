import Hummingbird

/// Tells people about a problem that no other page can show.
struct ErrorPages: Sendable {
    let renderer: PageRenderer
    let assets: Assets

    func response(_ problem: Problem, _ request: Request, _ context: GatewayContext) -> Response {
        if problem.code == .notSignedIn { return .signIn(returningTo: request.uri.path) }
        var me: PersonContext?
        if case .session(let session) = context.authentication { me = PersonContext(session: session, user: nil) }
        let heading =
            switch problem.status {
            case .notFound: "There is nothing here"
            case .forbidden: "That came from somewhere else"
            case .tooManyRequests: "That was a little fast"
            case .serviceUnavailable, .gatewayTimeout: "Not available right now"
            case .internalServerError: "Something went wrong"
            default: "That did not work"
            }
        return renderer.response(
            .error,
            ErrorContext(
                title: PageText(heading), assets: assets.version, me: me, status: problem.status.code,
                heading: PageText(heading),
                problem: problem.context(), retry: problem.retryAfter != nil),
            status: problem.status, retryAfter: problem.retryAfter)
    }
}
