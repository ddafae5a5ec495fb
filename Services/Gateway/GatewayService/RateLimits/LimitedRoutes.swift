import Hummingbird

/// Declares routes, each with what it costs; the handler only runs within the allowance.
struct LimitedRoutes {
    typealias Handler = @Sendable (Request, GatewayContext) async throws -> Response

    private let router: any RouterMethods<GatewayContext>
    private let limits: RouteLimits

    init(_ router: any RouterMethods<GatewayContext>, limits: RouteLimits) {
        self.router = router
        self.limits = limits
    }

    /// Routes below a path.
    func group(_ path: RouterPath) -> LimitedRoutes { LimitedRoutes(router.group(path), limits: limits) }

    func get(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .get, limit, handler)
    }

    func post(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .post, limit, handler)
    }

    func put(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .put, limit, handler)
    }

    func patch(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .patch, limit, handler)
    }

    func delete(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .delete, limit, handler)
    }

    /// A form. When its allowance is used up, the handler still runs as long as there is one for an ordinary page, to show
    /// the form again with what was written in it: it asks ``GatewayContext/checkAdmission()`` before it does anything.
    func post(_ path: RouterPath, form limit: RouteLimit, use handler: @escaping Handler) {
        router.on(path, method: .post) { [limits] request, context in
            var context = context
            do throws(Problem) {
                try limits.admit(limit, context)
            } catch {
                try limits.admit(.ordinary, context)
                context.refusal = error
            }
            return try await handler(request, context)
        }
    }

    private func add(
        _ path: RouterPath, _ method: HTTPRequest.Method, _ limit: RouteLimit, _ handler: @escaping Handler
    ) {
        router.on(path, method: method) { [limits] request, context in
            try limits.admit(limit, context)
            return try await handler(request, context)
        }
    }
}
