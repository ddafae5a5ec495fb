import FaultHistory

/// I1: what was acknowledged is in the final read, as it was acknowledged, and what was accepted is there.
extension Trial {
    func durability() -> [Examination] {
        guard let store else { return [.undecided("messages", Self.noFinalRead)] }
        let others = [
            acceptedMessages(store), acknowledgedPositions(store), acknowledgedSettings(store),
            acknowledgedAccounts(store), groupDurability(),
        ]
        return [acknowledgedMessages(store)] + others.filter { $0.examined > 0 }
    }

    private func acknowledgedMessages(_ store: Store) -> Examination {
        var examination = Examination("messages")
        for message in ledger.messages {
            for index in message.acknowledgements {
                examination.look()
                let answer = ledger.sightings[Int(index)]
                let found = store.conversations[message.key.conversation]?.message(answer.seq)
                if let found, isStillThere(message, answer, found) { continue }
                let places = store.places[message.key] ?? []
                examination.accuse(
                    sentence(message, answer, found, places), of: subject(message.key), at: answer.moment,
                    lines: [message.invoked, answer.moment],
                    stored: [
                        found.map { stored($0, in: message.key.conversation) }
                            ?? storedEnd(of: message.key.conversation)
                    ])
                break
            }
        }
        return examination
    }

    /// Whether the stored message is the one that the answer described, or what later changes made of it.
    private func isStillThere(_ message: SentMessage, _ answer: Sighting, _ found: Store.Message) -> Bool {
        if found.rev == answer.rev {
            return found.content == ledger.contents[Int(answer.content)] && found.state == ledger.state(of: answer)
        }
        return found.content.id == message.key.id && found.content.sender == message.key.sender
            && found.rev > answer.rev
            && mayHaveChanged(EntryKey(conversation: message.key.conversation, seq: answer.seq))
    }

    /// Nobody may have asked again: whoever was told that it will be done can rely on it. Only members are promised
    /// anything, because who else may write is decided when the command is carried out.
    private func acceptedMessages(_ store: Store) -> Examination {
        var examination = Examination("accepted messages")
        for message in ledger.messages {
            guard let accepted = message.accepted,
                store.conversations[message.key.conversation]?.members[message.key.sender] != nil
            else { continue }
            examination.look()
            guard store.places[message.key, default: []].isEmpty else { continue }
            examination.accuse(
                "message \(text(message.key.id)) was accepted to be carried out and is not stored",
                of: subject(message.key), at: accepted, lines: [message.invoked, accepted],
                stored: [storedEnd(of: message.key.conversation)])
        }
        return examination
    }

    private func sentence(
        _ message: SentMessage, _ answer: Sighting, _ found: Store.Message?, _ places: [Int64]
    ) -> String {
        let name = "message \(text(message.key.id)) was acknowledged as number \(answer.seq)"
        if let place = places.first, place != answer.seq { return "\(name) and is stored as number \(place)" }
        guard let found else { return "\(name) and is not stored" }
        guard found.content.id == message.key.id, found.content.sender == message.key.sender else {
            return "\(name), where another message is stored, and is not stored"
        }
        return "\(name) and is stored there with another text or revision"
    }

    private func acknowledgedPositions(_ store: Store) -> Examination {
        var examination = Examination("positions")
        for position in ledger.positions {
            let operation = ledger.operations[Int(position.operation)]
            guard operation.outcome == .acknowledged, let answered = operation.answered else { continue }
            examination.look()
            let conversation = store.conversations[position.conversation]
            let head = conversation?.messages.last?.seq ?? 0
            let member = conversation?.members[position.user]
            // A position beyond the head counts as the head.
            let received = min(max(position.received ?? 0, position.read ?? 0), head)
            let read = min(position.read ?? 0, head)
            if let member, member.received >= received, member.read >= read { continue }
            let now = member.map { "received \($0.received), read \($0.read)" } ?? "nothing"
            examination.accuse(
                "a position that was acknowledged is not stored: \(now)",
                of: "position/\(position.conversation)/\(position.user)", at: answered,
                lines: [operation.invoked, answered],
                stored: ["stored: user \(text(position.user)) in \(text(position.conversation)): \(now)"])
        }
        return examination
    }

    /// A version is told once, and what is stored is that one or a later one.
    private func acknowledgedSettings(_ store: Store) -> Examination {
        struct Version: Hashable {
            var user: Symbol
            var conversation: Symbol
            var version: Int64
        }
        var examination = Examination("settings")
        var told: [Version: (SeenSettings, Moment)] = [:]
        for choice in ledger.choices {
            let operation = ledger.operations[Int(choice.operation)]
            guard let settings = choice.settings, let answered = operation.answered else { continue }
            examination.look()
            let subject = "settings/\(choice.conversation)/\(choice.user)"
            let version = Version(user: choice.user, conversation: choice.conversation, version: settings.version)
            if let (earlier, moment) = told[version], earlier != settings {
                examination.accuse(
                    "version \(settings.version) of settings was told in two ways", of: subject, at: answered,
                    lines: [moment, operation.invoked, answered])
                continue
            }
            told[version] = (settings, answered)
            // Whoever has never changed anything is answered so, and has nothing stored.
            let stored =
                store.conversations[choice.conversation]?.members[choice.user]?.settings ?? SeenSettings(version: 0)
            if stored.version > settings.version || stored == settings { continue }
            let now = "version \(stored.version)"
            examination.accuse(
                "settings that were acknowledged are not stored: \(now)", of: subject, at: answered,
                lines: [operation.invoked, answered],
                stored: ["stored: user \(text(choice.user)) in \(text(choice.conversation)): \(now)"])
        }
        return examination
    }

    private func acknowledgedAccounts(_ store: Store) -> Examination {
        var examination = Examination("accounts")
        let stored = Dictionary(store.final.accounts.map { ($0.user, $0.username) }) { first, _ in first }
        for signUp in ledger.signUps {
            let operation = ledger.operations[Int(signUp.operation)]
            guard let user = signUp.user, let answered = operation.answered else { continue }
            examination.look()
            let username = text(signUp.username)
            if stored[text(user)]?.lowercased() == username.lowercased() { continue }
            examination.accuse(
                "the account \(username) was acknowledged and is not stored", of: "account/\(username)", at: answered,
                lines: [operation.invoked, answered],
                stored: ["stored: user \(text(user)) is \(stored[text(user)] ?? "not there")"])
        }
        return examination
    }
}
