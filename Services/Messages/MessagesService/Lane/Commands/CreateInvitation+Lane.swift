import ChatContracts

extension CreateInvitation: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let role = state.membership(of: user)?.role, role >= .admin else {
            return .forbidden("Only owners and admins invite people to this group.")
        }
        guard group.invitations.count(where: { !$0.hasExpired(at: now) }) < Limits.invitations else {
            return .refused(
                Fault(
                    .invalid, "A group has at most \(Limits.invitations) invitations. Withdraw one first.",
                    field: "invitation"))
        }
        let expiry = expiresIn.map { Timestamp(milliseconds: now.milliseconds + Int64($0) * 1_000) }
        return .line(
            GroupLine(
                .invited, invitation: .init(token: token, expiresAt: expiry, maximumUses: maximumUses)))
    }

    /// The token of a repeat may be another one: a gateway makes it up anew.
    func isTold(by line: GroupLine) -> Bool {
        line.kind == .invited && line.invitation?.maximumUses == maximumUses
            && (line.invitation?.expiresAt == nil) == (expiresIn == nil)
    }
}
