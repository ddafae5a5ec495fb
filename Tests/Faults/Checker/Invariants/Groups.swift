import FaultHistory

/// What people were members of, told by the stored lines of a group.
struct GroupTimes: Sendable {
    /// Numbers from that of the line that made somebody a member on, up to that of the line that ended it.
    private var stays: [String: [Range<Int64>]] = [:]

    init(_ group: StoredGroup) {
        var since: [String: Int64] = [:]
        func join(_ user: String, _ seq: Int64) { since[user] = since[user] ?? seq }
        for entry in group.entries {
            guard let line = entry.line else { continue }
            switch line.kind {
            case "created":
                join(entry.sender, entry.seq)
                for user in line.users { join(user, entry.seq) }
            case "added": for user in line.users { join(user, entry.seq) }
            case "left", "removed":
                for user in line.users.isEmpty ? [entry.sender] : line.users {
                    guard let first = since.removeValue(forKey: user) else { continue }
                    stays[user, default: []].append(first..<entry.seq)
                }
            default: break
            }
        }
        for (user, first) in since { stays[user, default: []].append(first..<Int64.max) }
    }

    /// Those who are members in the end, sorted.
    var members: [String] { stays.filter { $0.value.last?.upperBound == .max }.keys.sorted() }

    func wasMember(_ user: String, at seq: Int64) -> Bool { stays[user]?.contains { $0.contains(seq) } ?? false }

    /// Whether all of these numbers are of one time as a member: of the ones before it nothing is shown any more.
    func areOfOneStay(_ numbers: [Int64], of user: String) -> Bool {
        stays[user]?.contains { stay in numbers.allSatisfy(stay.contains) } ?? false
    }
}

/// I13 for groups, whose members come and go; and I1 and I4 for what is in them.
extension Trial {
    func groupExaminations() -> [Examination] {
        guard let groups = store?.final.groups, !groups.isEmpty else {
            return ["group streams", "group answers", "removed members"].map {
                .undecided($0, "there were no groups, or they were not read")
            }
        }
        let times = Dictionary(groups.map { ($0.conversation, GroupTimes($0)) }) { first, _ in first }
        return [groupStreams(times), groupAnswers(times), removedMembers()]
    }

    /// Streams bring nothing that was written while somebody was no member, however late.
    private func groupStreams(_ times: [String: GroupTimes]) -> Examination {
        var examination = Examination("group streams")
        for (heard, moment) in ledger.groups.heard {
            examination.look()
            guard times[heard.conversation]?.wasMember(heard.user, at: heard.seq) != true else { continue }
            examination.accuse(
                "user \(heard.user) was no member of group \(heard.conversation) at number \(heard.seq), and a stream "
                    + "brought it",
                of: "group/\(heard.conversation)/\(heard.user)/\(heard.seq)", at: moment, lines: [moment])
        }
        return examination
    }

    /// Pages and syncs show the time of one membership; nobody else writes.
    private func groupAnswers(_ times: [String: GroupTimes]) -> Examination {
        var examination = Examination("group answers")
        for ask in ledger.groups.asks {
            let operation = ledger.operations[Int(ask.operation)]
            guard let answer = ask.answer, let answered = operation.answered else { continue }
            examination.look()
            let (user, group) = (ask.asked.user, answer.conversation)
            let isRight =
                switch ask.asked.what {
                case .history, .sync: times[group]?.areOfOneStay(answer.shown ?? [], of: user) ?? false
                case .send: times[group]?.wasMember(user, at: answer.seq ?? 0) ?? false
                // Whoever adds or removes is not removed in these runs.
                case .create, .add, .remove, .members: true
                }
            guard !isRight else { continue }
            examination.accuse(
                "user \(user) was answered about numbers of group \(group) at which they were no member",
                of: "group/\(group)/\(user)", at: answered, lines: [operation.invoked, answered])
        }
        return examination
    }

    /// From the answer to a removal on, until somebody asks to add them again, removed members get no answer.
    private func removedMembers() -> Examination {
        struct Place: Hashable {
            var group: String
            var user: String
        }
        var examination = Examination("removed members")
        /// For each member, when they surely were removed, and when somebody asked to add them, in their order.
        var turns: [Place: [(moment: Moment, isRemoval: Bool)]] = [:]
        for ask in ledger.groups.asks {
            let operation = ledger.operations[Int(ask.operation)]
            guard let group = ask.asked.conversation else { continue }
            for user in ask.asked.subjects ?? [] {
                let place = Place(group: group, user: user)
                switch ask.asked.what {
                case .remove where ask.answer != nil:
                    if let answered = operation.answered { turns[place, default: []].append((answered, true)) }
                case .add: turns[place, default: []].append((operation.invoked, false))
                default: break
                }
            }
        }
        for place in turns.keys { turns[place]?.sort { $0.moment < $1.moment } }
        for ask in ledger.groups.asks where [.history, .members, .sync, .send].contains(ask.asked.what) {
            let operation = ledger.operations[Int(ask.operation)]
            guard let group = ask.asked.conversation,
                let last = turns[Place(group: group, user: ask.asked.user)]?
                    .last(where: { $0.moment < operation.answered ?? operation.invoked }),
                last.isRemoval, last.moment < operation.invoked
            else { continue }
            examination.look()
            guard ask.answer != nil, let answered = operation.answered else { continue }
            examination.accuse(
                "user \(ask.asked.user) was removed from group \(group), and was answered when they asked for "
                    + ask.asked.what.rawValue,
                of: "group/\(group)/\(ask.asked.user)", at: operation.invoked,
                lines: [last.moment, operation.invoked, answered])
        }
        return examination
    }
}
