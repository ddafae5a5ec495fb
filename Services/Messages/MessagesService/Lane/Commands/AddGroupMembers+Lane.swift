import ChatContracts

extension AddGroupMembers: GroupLineCommand {
    var added: [UserID] { concerned }

    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let role = state.membership(of: user)?.role, role >= .admin else {
            return .forbidden("Only owners and admins add people to this group.")
        }
        let new = members.uniqued().filter { state.membership(of: $0) == nil }
        guard !new.isEmpty else { return .unchanged }
        guard unwilling.isDisjoint(with: new) else { return .unwilling }
        guard group.memberCount + new.count <= Limits.groupMembers else {
            return .refused(.tooManyMembers)
        }
        return .line(GroupLine(.added, users: new, showsHistory: group.showsHistory))
    }

    func isTold(by line: GroupLine) -> Bool { line.kind == .added && Set(line.users).isSubset(of: members) }
}
