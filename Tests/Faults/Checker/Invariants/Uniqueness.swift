import FaultHistory

/// I14: one account for a name, and no request is accepted from a session that has ended.
extension Trial {
    func uniqueness() -> [Examination] {
        [
            acknowledgedAccounts(), storedAccounts(),
            acceptedAfterItsEnd([.send, .change, .position, .settings, .request], "sessions", "was accepted"),
        ]
    }

    private func acknowledgedAccounts() -> Examination {
        var examination = Examination("sign-ups")
        var owners: [String: (user: Symbol, operation: Operation)] = [:]
        for signUp in ledger.signUps {
            let operation = ledger.operations[Int(signUp.operation)]
            guard let user = signUp.user, let answered = operation.answered else { continue }
            examination.look()
            let name = text(signUp.username).lowercased()
            guard let owner = owners[name], let first = owner.operation.answered else {
                owners[name] = (user, operation)
                continue
            }
            guard owner.user != user else { continue }
            examination.accuse(
                "the name \(name) was given to two accounts", of: "account/\(name)", at: answered,
                lines: [owner.operation.invoked, first, operation.invoked, answered])
        }
        return examination
    }

    private func storedAccounts() -> Examination {
        guard let store else { return .undecided("accounts", Self.noFinalRead) }
        var examination = Examination("accounts")
        for accounts in [
            Dictionary(grouping: store.final.accounts) { "name \($0.username.lowercased())" },
            Dictionary(grouping: store.final.accounts) { "user \($0.user)" },
        ] {
            for (key, holders) in accounts.sorted(by: { $0.key < $1.key }) {
                examination.look()
                guard holders.count > 1 else { continue }
                examination.accuse(
                    "\(holders.count) accounts are stored with \(key)", of: "account/\(key)",
                    at: Moment(line: 0, at: 0), lines: [],
                    stored: holders.map { "stored: user \($0.user) is \($0.username)" })
            }
        }
        return examination
    }
}
