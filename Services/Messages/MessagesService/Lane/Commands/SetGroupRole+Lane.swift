import ChatContracts

extension SetGroupRole: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, state.membership(of: user)?.role == .owner else {
            return .forbidden("Only owners give roles in this group.")
        }
        guard let former = state.membership(of: member)?.role else { return .unknownMember }
        guard former != role else { return .unchanged }
        guard former != .owner || group.owners > 1 else { return .lastOwner }
        return .line(GroupLine(.role, users: [member], role: role, formerRole: former))
    }

    func isTold(by line: GroupLine) -> Bool { line.kind == .role && line.users == [member] && line.role == role }
}
