import ChatContracts
import Hummingbird

/// Groups: who is in them, and what they are called. Who may do what is decided by the messages service.
struct GroupController: Sendable {
    let requests: any Requests
    let directory: UserDirectory

    func addRoutes(to routes: LimitedRoutes) {
        routes.post("groups", .groupChange) { try await create($0, $1) }
        routes.patch("conversations/:id/group", .groupChange) { try await change($0, $1) }
        routes.get("conversations/:id/members", .ordinary) { try await members($0, $1) }
        routes.post("conversations/:id/members", .groupChange) { try await add($0, $1) }
        routes.delete("conversations/:id/members/:user", .groupChange) { try await remove($0, $1) }
        routes.put("conversations/:id/members/:user/role", .groupChange) { try await setRole($0, $1) }
    }

    private func create(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let body = try await JSONBody(
            of: request, context: context,
            fields: ["clientMessageId", "name", "about", "showsHistory", "usernames"])
        var command = CreateGroup(
            user: session.user, clientMessageId: try body.identifier("clientMessageId", as: ClientMessageID.self),
            name: PlainLine.trimmed(try body.string("name")), about: try body.optionalString("about"),
            showsHistory: try body.optionalBoolean("showsHistory") ?? false, members: [])
        if let refusal = command.refusal { throw Problem(refusal) }
        command.members = try await users(body, context)
        return try await answer(command, context)
    }

    private func change(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(
            of: request, context: context, fields: ["clientMessageId", "name", "about", "showsHistory"])
        return try await answer(
            ChangeGroup(
                conversation: conversation, user: session.user, clientMessageId: try body.commandID(),
                name: try body.optionalString("name").map(PlainLine.trimmed),
                about: try body.optionalString("about"), showsHistory: try body.optionalBoolean("showsHistory")),
            context)
    }

    private func members(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let query = FormFields(queryOf: request)
        let after = try query["after"].map { text throws(Problem) in
            guard let user = UserID(text) else { throw .invalid("after", "This has to be the id of a user.") }
            return user
        }
        let page = try await requests.callRaw(
            ListGroupMembers(
                user: session.user, conversation: conversation, after: after, limit: query.pageSize()),
            context: context.bus())
        return .json(try await directory.withUsers(page, context: context.bus()))
    }

    private func add(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: ["clientMessageId", "usernames"])
        return try await answer(
            AddGroupMembers(
                conversation: conversation, user: session.user, clientMessageId: try body.commandID(),
                members: try await users(body, context)),
            context)
    }

    private func remove(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        // Removing twice is removing once, whatever the id. But a late repeat must not remove whoever has come back since.
        let bytes = try await request.collectedBody()
        var id = ClientMessageID.random()
        if bytes.readableBytes > 0 {
            let body = try JSONBody(request.headers, bytes, fields: ["clientMessageId"])
            if body["clientMessageId"] != nil { id = try body.identifier("clientMessageId", as: ClientMessageID.self) }
        }
        return try await answer(
            RemoveGroupMember(
                conversation: context.identifier("id", as: ConversationID.self), user: session.user,
                clientMessageId: id, member: context.identifier("user", as: UserID.self)),
            context)
    }

    private func setRole(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let member = try context.identifier("user", as: UserID.self)
        let body = try await JSONBody(of: request, context: context, fields: ["clientMessageId", "role"])
        guard let role = GroupRole(rawValue: try body.string("role")) else {
            throw Problem.invalid("role", "A role is owner, admin or member.")
        }
        return try await answer(
            SetGroupRole(
                conversation: conversation, user: session.user, clientMessageId: try body.commandID(), member: member,
                role: role),
            context)
    }

    private func answer(_ command: some GroupCommand, _ context: GatewayContext) async throws -> Response {
        if let refusal = command.refusal { throw Problem(refusal) }
        let reply = try await requests.callRaw(command, context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }

    /// The accounts that a body names.
    private func users(_ body: JSONBody, _ context: GatewayContext) async throws(Problem) -> [UserID] {
        let names = try body.strings("usernames", atMost: Limits.groupMembers)
        var users: [UserID] = []
        for start in stride(from: 0, to: names.count, by: Self.lookUp) {
            let part = Array(names[start..<min(start + Self.lookUp, names.count)])
            for name in part where !UserDirectory.isUsername(name) { throw Self.nobody(name) }
            let found = try await directory.lookUp(LookUpUsers(usernames: part), context: context.bus())
            let byName = Dictionary(found.map { ($0.username.lowercased(), $0.id) }) { first, _ in first }
            for name in part {
                guard let user = byName[name.lowercased()] else { throw Self.nobody(name) }
                users.append(user)
            }
        }
        return users
    }

    /// Usernames of one look-up.
    private static let lookUp = 200

    private static func nobody(_ name: String) -> Problem {
        .invalid("usernames", "Nobody has the username '\(name.prefix(64))'.")
    }
}
