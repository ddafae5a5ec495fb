import FaultHistory

/// I12: what the queues dead-letter is what the nemesis poisoned, and all of it.
extension Trial {
    func noSilentDrop() -> [Examination] {
        guard let store else { return [.undecided("dead letters", Self.noFinalRead)] }
        return [deadLetters(store), poisons(store)]
    }

    private func deadLetters(_ store: Store) -> Examination {
        var examination = Examination("dead letters")
        // No dead letter is something that was looked at, too.
        examination.look()
        let poisons = Set(ledger.poisons.map(\.poison.hash))
        for letter in store.final.deadLetters {
            examination.look()
            if let message = message(of: letter) {
                let acknowledgement = message.acknowledgements.first.map { ledger.sightings[Int($0)].moment }
                examination.accuse(
                    "message \(text(message.key.id)) "
                        + (acknowledgement == nil ? "was dead-lettered" : "was acknowledged and dead-lettered"),
                    of: subject(message.key), at: message.invoked,
                    lines: [message.invoked] + (acknowledgement.map { [$0] } ?? []), stored: [stored(letter)])
            } else if !poisons.contains(letter.hash) {
                examination.accuse(
                    "queue \(letter.queue) has a dead letter that nobody poisoned", of: "letter/\(letter.hash)",
                    at: Moment(line: 0, at: 0), lines: [], stored: [stored(letter)])
            }
        }
        return examination
    }

    private func poisons(_ store: Store) -> Examination {
        guard ledger.poisons.contains(where: \.poison.isConfirmed) else {
            return .undecided("poison", "nothing was poisoned for certain")
        }
        var examination = Examination("poison")
        let deadLettered = Set(store.final.deadLetters.map(\.hash))
        for (poison, moment) in ledger.poisons where poison.isConfirmed {
            examination.look()
            if deadLettered.contains(poison.hash) { continue }
            examination.accuse(
                "what was poisoned in queue \(poison.queue) is not among the dead letters", of: "poison/\(poison.hash)",
                at: moment, lines: [moment], stored: ["stored: \(store.final.deadLetters.count) dead letters"])
        }
        return examination
    }

    private func message(of letter: DeadLetter) -> SentMessage? {
        guard let conversation = letter.conversation, let sender = letter.sender, let id = letter.id else { return nil }
        guard let conversation = ledger.symbols.known(conversation), let sender = ledger.symbols.known(sender),
            let id = ledger.symbols.known(id)
        else { return nil }
        let key = MessageKey(conversation: conversation, sender: sender, id: id)
        return ledger.messageOfKey[key].map { ledger.messages[Int($0)] }
    }

    private func stored(_ letter: DeadLetter) -> String {
        let names = [
            letter.conversation.map { "conversation \($0)" }, letter.sender.map { "sender \($0)" },
            letter.id.map { "id \($0)" },
        ]
        return
            (["dead letter: \(letter.queue)", "reason \(letter.reason)", "hash \(letter.hash)"]
            + names.compactMap { $0 })
            .joined(separator: " ")
    }
}
