import Hummingbird
import Synchronization

/// Answers 503 at once when too many requests are being worked on, instead of letting all of them become slow. A live
/// stream counts only until it is open.
final class InFlightLimit: RouterMiddleware {
    typealias Context = GatewayContext

    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        let before = count.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { count.wrappingSubtract(1, ordering: .relaxed) }
        guard before < limit else {
            throw Problem(.serviceUnavailable, .busy, "The server is busy; try again in a moment.", retryAfter: 1)
        }
        return try await next(request, context)
    }
}
