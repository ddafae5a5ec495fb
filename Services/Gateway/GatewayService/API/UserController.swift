import ChatContracts
import Hummingbird

/// Finding people.
struct UserController: Sendable {
    let requests: any Requests
    let directory: UserDirectory

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("users", .ordinary) { try await list($0, $1) }
        routes.get("users/:username", .ordinary) { try await show($0, $1) }
        routes.get("users/:username/groups", .ordinary) { try await listGroups($0, $1) }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        _ = try context.requireSession()
        let query = FormFields(queryOf: request)
        if let text = query["search"] {
            return .json(
                try await requests.callRaw(
                    FindUsers(text: text, limit: query.pageSize()), context: context.bus()))
        }
        return .json(
            try await requests.callRaw(
                ListUsers(prefix: query.text("prefix"), after: query["after"], limit: query.pageSize()),
                context: context.bus()))
    }

    /// The groups that the user has in common with the one who asks.
    private func listGroups(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let other = try await user(of: context).id
        return .json(
            try await requests.callRaw(ListSharedGroups(user: session.user, other: other), context: context.bus()))
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        _ = try context.requireSession()
        return try .json(try await user(of: context))
    }

    /// The account that the path names.
    private func user(of context: GatewayContext) async throws(Problem) -> User {
        let user = try await directory.user(named: context.decodedParameter("username"), context: context.bus())
        guard let user else { throw Problem(.notFound, .notFound, "Nobody has this username.") }
        return user
    }
}
