import Hummingbird

/// Counts requests that no route matches by address. What a route matches is counted by ``Admission``.
struct UnknownRouteLimit: RouterMiddleware {
    typealias Context = GatewayContext

    let limits: RouteLimits

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            // The router's own error; routes throw problems.
            throw limits.refusalByAddress(context.clientAddress) ?? error
        }
    }
}
