import Hummingbird

/// Counts by address what ends before a route counts it: addresses that do not exist, and requests from other sites.
struct RefusalLimit: RouterMiddleware {
    typealias Context = GatewayContext

    let limits: RouteLimits

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            // What no route matches is the router's own error; routes throw problems.
            let isUnrouted = (error as? HTTPError)?.status == .notFound
            if isUnrouted || error as? Problem == .crossOrigin { try limits.countByAddress(context) }
            throw error
        }
    }
}
