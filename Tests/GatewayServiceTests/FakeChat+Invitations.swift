import ChatContracts

@testable import GatewayService

/// Invitations to groups, as far as a gateway can tell them from real ones.
extension FakeChat.State {
    mutating func invite(_ request: CreateInvitation) throws(Problem) -> GroupChanged {
        let id = request.conversation
        // A repeat is answered with the line of the first.
        if let line = (messages[id] ?? []).first(where: { $0.clientMessageId == request.clientMessageId }),
            line.line?.kind == .invited
        {
            return changed(id, for: request.user, line: line)
        }
        try check(request, in: id)
        try checkAdmin(request.user, of: id)
        let reply = add(GroupLine(.invited), to: id, by: request.user, request.clientMessageId)
        invitations[id, default: []].append(
            GroupInvitation(
                id: reply.line?.seq ?? 0, token: request.token, createdBy: request.user,
                createdAt: Timestamp(milliseconds: 1_700_000_000_000),
                expiresAt: request.expiresIn.map { Timestamp(milliseconds: 1_700_000_000_000 + Int64($0) * 1_000) },
                maximumUses: request.maximumUses))
        return reply
    }

    mutating func revoke(_ request: RevokeInvitation) throws(Problem) -> GroupChanged {
        try check(request, in: request.conversation)
        try checkAdmin(request.user, of: request.conversation)
        invitations[request.conversation]?.removeAll { $0.id == request.invitation }
        return add(GroupLine(.revoked), to: request.conversation, by: request.user, request.clientMessageId)
    }

    mutating func join(_ request: JoinGroup) throws(Problem) -> GroupChanged {
        let id = request.conversation
        try checkOnce(request, in: id)
        let preview = try preview(ReadInvitation(user: request.user, conversation: id, token: request.token))
        guard !preview.isMember else { return changed(id, for: request.user, line: nil) }
        conversations[id]?.members.append(.init(user: request.user, received: 1, read: 1))
        return add(GroupLine(.joined, users: [request.user]), to: id, by: request.user, request.clientMessageId)
    }

    func list(_ request: ListGroupInvitations) throws(Problem) -> GroupInvitations {
        _ = try conversation(request.conversation, of: request.user)
        try checkAdmin(request.user, of: request.conversation)
        return GroupInvitations(invitations: (invitations[request.conversation] ?? []).reversed())
    }

    func preview(_ request: ReadInvitation) throws(Problem) -> InvitationPreview {
        let id = request.conversation
        guard let invitation = invitations[id]?.first(where: { $0.token == request.token }),
            let members = conversations[id]?.members
        else { throw Problem(.unknownInvitation) }
        let isMember = members.contains { $0.user == request.user }
        if !isMember {
            if let refusal = invitation.refusal(at: Timestamp(milliseconds: 1_700_000_000_000)) {
                throw Problem(refusal)
            }
            if expelled[id]?.contains(request.user) == true {
                throw Problem(Fault(.forbidden, "You were removed from this group."))
            }
        }
        return InvitationPreview(
            conversation: id, name: groupNames[id] ?? "", memberCount: members.count, showsHistory: false,
            createdBy: invitation.createdBy, isMember: isMember)
    }

    private func checkAdmin(_ user: UserID, of id: ConversationID) throws(Problem) {
        guard roles[id]?[user] ?? .member >= .admin else { throw Problem(Fault(.forbidden, "Only for admins.")) }
    }
}
