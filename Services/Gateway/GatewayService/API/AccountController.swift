import ChatContracts
import Hummingbird

/// Accounts and sessions.
struct AccountController: Sendable {
    let accounts: Accounts
    let cookie: SessionCookie

    func addRoutes(to routes: LimitedRoutes) {
        routes.post("accounts", .attempt) { try await register($0, $1) }
        routes.post("session", .attempt) { try await signIn($0, $1) }
        routes.delete("session", .ordinary) { try await signOut($0, $1) }
        routes.get("account", .ordinary) { try await show($0, $1) }
        routes.patch("account", .ordinary) { try await updateProfile($0, $1) }
        routes.post("account/password", .passwordChange) { try await changePassword($0, $1) }
        routes.get("sessions", .ordinary) { try await list($0, $1) }
        routes.delete("sessions", .ordinary) { try await endOthers($0, $1) }
        routes.delete("sessions/:id", .ordinary) { try await end($0, $1) }
    }

    private func register(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let body = try await JSONBody(
            of: request, context: context, fields: ["username", "displayName", "password"])
        let signedIn = try await accounts.register(
            username: body.string("username"), displayName: body.optionalString("displayName"),
            password: body.string("password"), request: request, context: context)
        return try response(signedIn, status: .created)
    }

    private func signIn(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let body = try await JSONBody(of: request, context: context, fields: ["username", "password"])
        let signedIn = try await accounts.signIn(
            username: body.string("username"), password: body.string("password"), request: request, context: context)
        return try response(signedIn, status: .ok)
    }

    private func signOut(_ request: Request, _ context: GatewayContext) async throws -> Response {
        if let session = try context.session() { try await accounts.signOut(session) }
        var response = Response.noContent
        response.setCookie(cookie.headerForgetting)
        return response
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try .json(try await accounts.user(of: context.requireSession(), context: context))
    }

    private func updateProfile(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let body = try await JSONBody(of: request, context: context, fields: ["displayName", "about"])
        let (displayName, about) = (try body.optionalString("displayName"), try body.optionalString("about"))
        guard displayName != nil || about != nil else {
            throw Problem.invalid("displayName", "Give a display name, or something about yourself, or both.")
        }
        return try .json(
            try await accounts.updateProfile(session, displayName: displayName, about: about, context: context))
    }

    private func changePassword(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let body = try await JSONBody(of: request, context: context, fields: ["currentPassword", "newPassword"])
        let signedIn = try await accounts.changePassword(
            current: body.string("currentPassword"), new: body.string("newPassword"), of: session, request: request,
            context: context)
        var response = Response.noContent
        response.setCookie(cookie.header(setting: signedIn.token))
        response.setDeviceCookie(signedIn.deviceCookie)
        return response
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let sessions = try await accounts.sessions.list(with: session)
        return try .json(SessionList(sessions: sessions.map { SessionList.Item($0, current: session.key) }))
    }

    private func end(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        guard let key = context.parameters.get("id").flatMap({ SessionKey(String($0)) }),
            try await accounts.sessions.end([key], of: session.user)
        else { throw Problem.notFound }
        var response = Response.noContent
        if key == session.key { response.setCookie(cookie.headerForgetting) }
        return response
    }

    private func endOthers(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        try await accounts.sessions.endOthers(of: session.user, except: session.key)
        return .noContent
    }

    private func response(_ signedIn: Accounts.SignedIn, status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(signedIn.user, status: status)
        response.setCookie(cookie.header(setting: signedIn.token))
        response.setDeviceCookie(signedIn.deviceCookie)
        return response
    }
}

/// The browsers in which a user is signed in.
struct SessionList: Codable {
    var sessions: [Item]

    struct Item: Codable {
        var id: String
        var isCurrent: Bool
        var agent: String
        var createdAt: Timestamp
        var lastSeenAt: Timestamp
        var expiresAt: Timestamp

        init(_ session: Session, current: SessionKey) {
            id = session.key.description
            isCurrent = session.key == current
            agent = session.agent
            createdAt = session.createdAt
            lastSeenAt = session.lastSeenAt
            expiresAt = session.expiresAt
        }
    }
}
