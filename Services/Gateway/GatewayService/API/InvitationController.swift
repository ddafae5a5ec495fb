import ChatContracts
import Hummingbird

/// Invitations to groups: made, listed and withdrawn by their admins, and used by others. What they open is decided by the
/// messages service.
struct InvitationController: Sendable {
    let requests: any Requests
    let directory: UserDirectory

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("conversations/:id/invitations", .ordinary) { try await list($0, $1) }
        routes.post("conversations/:id/invitations", .groupChange) { try await create($0, $1) }
        routes.delete("conversations/:id/invitations/:invitation", .groupChange) { try await revoke($0, $1) }
        // A look costs as much as a change, so that guessing is slow.
        routes.get("invitations/:id/:token", .groupChange) { try await show($0, $1) }
        routes.post("invitations/:id/:token", .groupChange) { try await join($0, $1) }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let reply = try await requests.callRaw(
            ListGroupInvitations(
                user: session.user, conversation: context.identifier("id", as: ConversationID.self)),
            context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }

    /// Answers with the invitation as it is stored: that of the first attempt, if this is a repeat.
    private func create(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(
            of: request, context: context, fields: ["clientMessageId", "expiresIn", "maximumUses"])
        let command = CreateInvitation(
            conversation: conversation, user: session.user, clientMessageId: try body.commandID(), token: .random(),
            expiresIn: try body.number("expiresIn"), maximumUses: try body.number("maximumUses"))
        if let refusal = command.refusal { throw Problem(refusal) }
        let made = try await requests.call(command, context: context.bus())
        let all = try await requests.call(
            ListGroupInvitations(user: session.user, conversation: conversation), context: context.bus())
        guard let invitation = all.invitations.first(where: { $0.id == made.line?.seq }) else {
            throw Problem(.unknownInvitation)
        }
        return try .json(invitation)
    }

    private func revoke(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        guard let invitation = context.parameters.get("invitation").flatMap({ Int64($0) }) else {
            throw Problem(.unknownInvitation)
        }
        let reply = try await requests.callRaw(
            RevokeInvitation(
                conversation: context.identifier("id", as: ConversationID.self), user: session.user,
                // Withdrawing twice is withdrawing once, whatever the id.
                clientMessageId: .random(), invitation: invitation),
            context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let (conversation, token) = try context.invitation()
        let reply = try await requests.callRaw(
            ReadInvitation(user: session.user, conversation: conversation, token: token), context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }

    private func join(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let (conversation, token) = try context.invitation()
        let body = try await JSONBody(of: request, context: context, fields: ["clientMessageId"])
        let reply = try await requests.callRaw(
            JoinGroup(
                conversation: conversation, user: session.user, clientMessageId: try body.commandID(), token: token),
            context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }
}

extension GatewayContext {
    /// The invitation in the address; what is malformed invites to nothing.
    func invitation() throws(Problem) -> (ConversationID, InvitationToken) {
        guard let conversation = parameters.get("id").flatMap({ ConversationID(String($0)) }),
            let token = parameters.get("token").flatMap({ InvitationToken(String($0)) })
        else { throw Problem(.unknownInvitation) }
        return (conversation, token)
    }
}

extension JSONBody {
    /// The id that makes a repeat of the request one; a new one for a client that does not repeat it.
    func commandID() throws(Problem) -> ClientMessageID {
        self["clientMessageId"] == nil ? .random() : try identifier("clientMessageId", as: ClientMessageID.self)
    }

    /// A number that the command checks.
    fileprivate func number(_ field: String) throws(Problem) -> Int? {
        try optionalInteger(field, in: 0...Int64(Int32.max)).map { Int($0) }
    }
}
