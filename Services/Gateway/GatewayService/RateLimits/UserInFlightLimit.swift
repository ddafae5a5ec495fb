import ChatContracts
import Hummingbird
import Synchronization

/// Bounds how many requests of one user are worked on at the same time, so that nobody can keep the other services busy
/// alone. Sends are not counted, which have a rate of their own, and live streams only until they are open.
final class UserInFlightLimit: RouterMiddleware {
    typealias Context = GatewayContext

    private let limit: Int
    /// Users without a request have no entry, so there are never more than requests.
    private let counts = Mutex<[UserID: Int]>([:])

    init(limit: Int) { self.limit = limit }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        guard case .session(let session) = context.authentication, !Self.isSend(request) else {
            return try await next(request, context)
        }
        guard enter(session.user) else {
            throw Problem(
                .tooManyRequests, .tooManyRequests, "Too many requests at the same time; wait for an answer.",
                retryAfter: 1)
        }
        defer { leave(session.user) }
        return try await next(request, context)
    }

    private func enter(_ user: UserID) -> Bool {
        counts.withLock { counts in
            let count = counts[user, default: 0]
            guard count < limit else { return false }
            counts[user] = count + 1
            return true
        }
    }

    private func leave(_ user: UserID) {
        counts.withLock { counts in
            let count = counts[user, default: 0]
            counts[user] = count > 1 ? count - 1 : nil
        }
    }

    private static func isSend(_ request: Request) -> Bool {
        request.method == .post && DirectSending.conversation(in: request.uri.path) != nil
    }
}
