import ChatContracts

extension JoinGroup: GroupLineCommand {
    var isFromOutside: Bool { true }
    var invitation: LaneLoad.InvitationKey? { .init(conversation: conversation, token: token) }
    var added: [UserID] { [user] }

    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let invitation = group.invitations.first(where: { $0.token == token }) else {
            return .refused(.unknownInvitation)
        }
        guard state.membership(of: user) == nil else { return .unchanged }
        if let refusal = invitation.refusal(at: now) ?? state.refusal(of: invitation, to: user) {
            return .refused(refusal)
        }
        guard !unwilling.contains(user) else { return .refused(.tooManyGroups) }
        guard group.memberCount < Limits.groupMembers else { return .refused(.tooManyMembers) }
        return .line(
            GroupLine(
                .joined, users: [user], showsHistory: group.showsHistory, invitation: .init(id: invitation.id)))
    }

    func isTold(by line: GroupLine) -> Bool { line.kind == .joined && line.users == [user] }
}

extension ConversationState {
    /// Whoever was removed comes back by an invitation that was made later, and not by one that they may still have.
    func refusal(of invitation: GroupInvitation, to user: UserID) -> Fault? {
        guard let place = index(of: user), let removedAt = members[place].removedAt, removedAt > invitation.id else {
            return nil
        }
        return Fault(
            .forbidden, "You were removed from this group. Ask one of its admins to add you.", field: "invitation")
    }
}
