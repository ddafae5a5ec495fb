import ChatContracts

extension ChangeGroup: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        guard let group = state.group, let own = state.membership(of: user)?.role, own >= .admin else {
            return .forbidden("Only owners and admins change this group.")
        }
        let line = GroupLine(
            .changed, name: name == group.name ? nil : name, about: about == group.about ? nil : about,
            showsHistory: showsHistory == group.showsHistory ? nil : showsHistory)
        guard line.name != nil || line.about != nil || line.showsHistory != nil else { return .unchanged }
        return .line(line)
    }

    func isTold(by line: GroupLine) -> Bool {
        // What was so already is not in the line.
        line.kind == .changed && (line.name == nil || line.name == name)
            && (line.about == nil || line.about == about)
            && (line.showsHistory == nil || line.showsHistory == showsHistory)
    }
}
