import ChatContracts

extension RemoveGroupMember: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let own = state.membership(of: user)?.role else { return .unknownMember }
        if member == user {
            guard own != .owner || group.owners > 1 || group.memberCount == 1 else { return .lastOwner }
            return .line(GroupLine(.left, users: [user], formerRole: own))
        }
        guard own >= .admin else { return .forbidden("Only owners and admins remove people from this group.") }
        guard let role = state.membership(of: member)?.role else { return .unchanged }
        guard role == .member || own == .owner else { return .forbidden("Only owners remove owners and admins.") }
        return .line(GroupLine(.removed, users: [member], formerRole: role))
    }

    func isTold(by line: GroupLine) -> Bool {
        (line.kind == .left || line.kind == .removed) && line.users == [member]
    }
}
