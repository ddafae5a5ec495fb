import ChatContracts

extension CreateGroup: GroupLineCommand {
    var isFromOutside: Bool { true }
    var added: [UserID] { concerned }

    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome {
        let others = members.uniqued(without: [user])
        guard !unwilling.contains(user) else { return .refused(.tooManyGroups) }
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
