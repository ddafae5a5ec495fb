import FaultHistory

/// I1 and I4 for groups: what was acknowledged is there under its number, and every number is one message or line.
extension Trial {
    func groupDurability() -> Examination {
        guard let groups = store?.final.groups else { return .undecided("groups", Self.noFinalRead) }
        var examination = Examination("groups")
        let stored = Dictionary(groups.map { ($0.conversation, $0) }) { first, _ in first }
        let entries = stored.mapValues { group in
            Dictionary(group.entries.map { ($0.seq, $0) }) { first, _ in first }
        }
        for ask in ledger.groups.asks {
            let operation = ledger.operations[Int(ask.operation)]
            guard let answer = ask.answer, let seq = answer.seq, let answered = operation.answered else { continue }
            examination.look()
            let entry = entries[answer.conversation]?[seq]
            let isThere =
                entry?.sender == ask.asked.user && (entry?.line == nil) == (ask.asked.what == .send)
                && (ask.asked.id == nil || entry?.id == ask.asked.id)
            guard !isThere else { continue }
            examination.accuse(
                "number \(seq) of group \(answer.conversation) was acknowledged, and is not stored so",
                of: "group/\(answer.conversation)/\(seq)", at: answered, lines: [operation.invoked, answered],
                stored: [entry.map { "stored: \($0)" } ?? "stored: nothing"])
        }
        for group in groups {
            let members = GroupTimes(group).members
            examination.look()
            guard members != group.members else { continue }
            examination.accuse(
                "the members of group \(group.conversation) are not those whom its lines tell",
                of: "group/\(group.conversation)", at: ledger.last, lines: [],
                stored: [
                    "lines: \(members.joined(separator: ", "))",
                    "stored: \(group.members.joined(separator: ", "))",
                ])
        }
        return examination
    }

    func groupNumbers() -> Examination {
        guard let groups = store?.final.groups else { return .undecided("groups", Self.noFinalRead) }
        var examination = Examination("groups")
        for group in groups {
            var expected: Int64 = 1
            var ids: Set<String> = []
            for entry in group.entries {
                examination.look()
                let key = "\(entry.sender)/\(entry.id)"
                let isNew = ids.insert(key).inserted
                if entry.seq != expected || !isNew {
                    examination.accuse(
                        isNew
                            ? "group \(group.conversation) has number \(entry.seq) where \(expected) was to follow"
                            : "group \(group.conversation) has the message \(key) twice",
                        of: "group/\(group.conversation)/\(entry.seq)", at: ledger.last, lines: [],
                        stored: ["stored: \(entry)"])
                }
                expected = entry.seq + 1
            }
        }
        return examination
    }
}
