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
        guard enter() else {
            throw Problem(.serviceUnavailable, .busy, "The server is busy; try again in a moment.", retryAfter: 1)
        }
        defer { leave() }
        return try await next(request, context)
    }

    /// Whether another request may be worked on; it then has to ``leave()``.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).oldValue < limit else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
