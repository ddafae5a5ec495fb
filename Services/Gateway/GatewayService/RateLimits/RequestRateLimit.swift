import ChatContracts
import Hummingbird

/// Bounds how many requests one user may make, sends apart, which have a bucket of their own.
struct RequestRateLimit: RouterMiddleware {
    typealias Context = GatewayContext

    private let buckets: TokenBuckets<UserID>

    init(rate: Rate) { buckets = TokenBuckets(rate: rate) }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        if case .session(let session) = context.authentication, !Self.isSend(request) {
            try buckets.take(session.user)
        }
        return try await next(request, context)
    }

    private static func isSend(_ request: Request) -> Bool {
        request.method == .post && request.uri.path.hasSuffix("/messages")
    }
}
