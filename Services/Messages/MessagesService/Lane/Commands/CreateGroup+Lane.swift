import ChatContracts

extension CreateGroup: GroupLineCommand {
    func line(in state: ConversationState, unwilling: Set<UserID>) -> GroupOutcome {
        let others = members.uniqued(without: [user])
        guard !unwilling.contains(user) else {
            return .refused(
                Fault(.invalid, "You are in \(Limits.groupsOfUser) groups. Leave one first.", field: "name"))
        }
        guard unwilling.isDisjoint(with: others) else { return .unwilling }
        return .line(
            GroupLine(
                .created, users: others, name: name, about: about.flatMap { $0.isEmpty ? nil : $0 },
                showsHistory: showsHistory))
    }

    func isTold(by line: GroupLine) -> Bool {
        line.kind == .created && line.name == name && Set(line.users) == Set(members).subtracting([user])
    }
}

extension [UserID] {
    /// Each once, in their order.
    func uniqued(without others: Set<UserID> = []) -> [UserID] {
        var seen = others
        return filter { seen.insert($0).inserted }
    }
}
