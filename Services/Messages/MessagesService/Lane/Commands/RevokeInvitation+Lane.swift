import ChatContracts

extension RevokeInvitation: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let role = state.membership(of: user)?.role, role >= .admin else {
            return .forbidden("Only owners and admins withdraw invitations to this group.")
        }
        guard let token = group.invitations.first(where: { $0.id == invitation })?.token else { return .unchanged }
        return .line(GroupLine(.revoked, invitation: .init(id: invitation, token: token)))
    }

    func isTold(by line: GroupLine) -> Bool { line.kind == .revoked && line.invitation?.id == invitation }
}
