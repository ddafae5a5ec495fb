import HTTPTypes
import Hummingbird
import Synchronization

/// A route as it was declared, for whoever compares descriptions of the routes with them.
struct DeclaredRoute: Sendable, Hashable {
    var method: HTTPRequest.Method
    /// As the router names it, such as `/api/v1/sessions/{id}`.
    var path: String
    var cost: RouteCost
}

/// Declares routes, each once and with what it costs; a handler only runs for requests that are admitted.
struct LimitedRoutes {
    typealias Handler = @Sendable (Request, GatewayContext) async throws -> Response

    /// Every route that was declared.
    final class Table: Sendable {
        private let entries = Mutex<[DeclaredRoute]>([])

        var routes: [DeclaredRoute] { entries.withLock(\.self) }

        fileprivate func add(_ route: DeclaredRoute) { entries.withLock { $0.append(route) } }
    }

    let table: Table
    private let router: Router<GatewayContext>
    private let admission: Admission
    private let prefix: RouterPath

    init(_ router: Router<GatewayContext>, admission: Admission) {
        self.init(table: Table(), router: router, admission: admission, prefix: "")
    }

    private init(table: Table, router: Router<GatewayContext>, admission: Admission, prefix: RouterPath) {
        self.table = table
        self.router = router
        self.admission = admission
        self.prefix = prefix
    }

    /// Routes below a path.
    func group(_ path: RouterPath) -> LimitedRoutes {
        LimitedRoutes(table: table, router: router, admission: admission, prefix: prefix.appendingPath(path))
    }

    func get(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .get, RouteCost(limit: limit), handler)
    }

    func post(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .post, RouteCost(limit: limit), handler)
    }

    func put(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .put, RouteCost(limit: limit), handler)
    }

    func patch(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .patch, RouteCost(limit: limit), handler)
    }

    func delete(_ path: RouterPath, _ limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .delete, RouteCost(limit: limit), handler)
    }

    /// A form, see ``RouteCost``: its handler asks ``GatewayContext/checkAdmission()`` before it does anything.
    func post(_ path: RouterPath, form limit: RouteLimit, use handler: @escaping Handler) {
        add(path, .post, RouteCost(limit: limit, isForm: true), handler)
    }

    private func add(
        _ path: RouterPath, _ method: HTTPRequest.Method, _ cost: RouteCost, _ handler: @escaping Handler
    ) {
        let path = prefix.appendingPath(path)
        table.add(DeclaredRoute(method: method, path: path.description, cost: cost))
        router.on(path, method: method) { [admission] request, context in
            var context = context
            let admitted = try await admission.admit(request.head, cost, from: context.clientAddress)
            defer { admission.leave(admitted) }
            context.authentication = admitted.authentication
            context.refusal = admitted.refusal
            return try await handler(request, context)
        }
    }
}
