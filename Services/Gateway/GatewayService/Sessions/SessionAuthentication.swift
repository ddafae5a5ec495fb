import ChatContracts
import HTTPTypes
import Hummingbird

/// Finds out who asks, from the session cookie. It refuses nobody: what needs a session asks the context for it.
struct SessionAuthentication: RouterMiddleware {
    typealias Context = GatewayContext

    let cookie: SessionCookie
    let sessions: Sessions

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        guard let token = cookie.token(in: request.headers) else { return try await next(request, context) }
        var context = context
        let key = token.key
        if let session = sessions.cached(key) {
            context.authentication = .session(session)
        } else {
            do {
                context.authentication = try await sessions.find(key).map { .session($0) } ?? .anonymous
            } catch {
                context.authentication = .unknown
            }
        }
        if case .session(let session) = context.authentication, !Self.isMeant(session, in: request.headers) {
            context.authentication = .anonymous
        }
        return try await next(request, context)
    }

    /// The session, if that is known without asking anybody.
    func known(in headers: HTTPFields) -> Session? {
        guard let session = (cookie.token(in: headers)?.key).flatMap(sessions.cached) else { return nil }
        return Self.isMeant(session, in: headers) ? session : nil
    }

    /// A page that was loaded before somebody else signed in on this browser must not act as that other person.
    private static func isMeant(_ session: Session, in headers: HTTPFields) -> Bool {
        headers[.martletUser].map { $0 == session.user.description } ?? true
    }
}

extension HTTPField.Name {
    /// The id of the user that a page belongs to.
    fileprivate static let martletUser = HTTPField.Name("X-Martlet-User")!
}
