import Hummingbird

/// Tells people about a problem that no other page can show.
struct ErrorPages: Sendable {
    let renderer: PageRenderer
    let assets: Assets

    func response(_ problem: Problem, _ request: Request, _ context: GatewayContext) -> Response {
        if problem.code == .notSignedIn { return .signIn(returningTo: request.uri.path) }
        let heading: PageText =
            switch problem.status {
            case .notFound: "Nothing has landed here"
            case .forbidden: "That came from somewhere else"
            case .tooManyRequests: "That was a little fast"
            case .serviceUnavailable, .gatewayTimeout: "The server is catching its breath"
            case .internalServerError: "This page could not be made"
            default: "That did not work"
            }
        let isServers = problem.status.kind == .serverError
        // To send a form again is for people to decide.
        let isWaiting =
            [.serviceUnavailable, .gatewayTimeout].contains(problem.status) && [.get, .head].contains(request.method)
        return renderer.response(
            .error,
            ErrorContext(
                title: heading, assets: assets.version, status: problem.status.code, heading: heading,
                problem: problem.status == .notFound ? nil : problem.context(), about: about(problem),
                retry: problem.retryAfter != nil, isWaiting: isWaiting,
                reference: isServers ? context.requestID : nil),
            context.appearance, status: problem.status, retryAfter: problem.retryAfter)
    }

    /// The same words whether something does not exist or is not for this reader.
    private func about(_ problem: Problem) -> PageText? {
        switch problem.status {
        case .notFound:
            PageText(
                "The page does not exist, or you are not a member of the conversation. "
                    + "Both look the same from outside, on purpose.")
        case .serviceUnavailable, .gatewayTimeout:
            "What was sent is safe. Messages that still wait stay in your browser and go out by themselves."
        default: nil
        }
    }
}
