/// I3: whatever is stored or seen was sent, with that text, and not refused every time.
extension Trial {
    func noPhantom() -> [Examination] { [storedWasSent(), seenWasSent()] }

    private func storedWasSent() -> Examination {
        guard let store else { return .undecided("store", Self.noFinalRead) }
        var examination = Examination("store")
        for (conversation, found) in store.inOrder {
            for message in found.messages {
                examination.look()
                let key = MessageKey(
                    conversation: conversation, sender: message.content.sender, id: message.content.id)
                guard let doubt = doubt(key, hash: message.content.hash, before: nil) else { continue }
                examination.accuse(
                    "number \(message.seq) of conversation \(text(conversation)) is stored, but \(doubt.sentence)",
                    of: subject(key), at: doubt.lines.first ?? Moment(line: 0, at: 0), lines: doubt.lines,
                    stored: [stored(message, in: conversation)])
            }
        }
        return examination
    }

    private func seenWasSent() -> Examination {
        var examination = Examination("sightings")
        // The first sighting of a message says it all.
        var examined: Set<Seen> = []
        for sighting in ledger.sightings {
            guard examined.insert(Seen(conversation: sighting.conversation, content: sighting.content)).inserted
            else { continue }
            examination.look()
            let content = ledger.contents[Int(sighting.content)]
            let key = MessageKey(conversation: sighting.conversation, sender: content.sender, id: content.id)
            guard let doubt = doubt(key, hash: content.hash, before: sighting.moment) else { continue }
            examination.accuse(
                "number \(sighting.seq) of conversation \(text(sighting.conversation)) was seen, but \(doubt.sentence)",
                of: subject(key), at: sighting.moment, lines: doubt.lines + [sighting.moment])
        }
        return examination
    }

    private struct Seen: Hashable {
        var conversation: Symbol
        var content: Int32
    }

    /// Why a message cannot be, if so.
    private func doubt(_ key: MessageKey, hash: Symbol, before: Moment?) -> (sentence: String, lines: [Moment])? {
        guard let index = ledger.messageOfKey[key] else { return ("nobody sent it", []) }
        let message = ledger.messages[Int(index)]
        if message.hash != hash { return ("its sender wrote another text", [message.invoked]) }
        if let before, before < message.invoked { return ("it was sent only later", [message.invoked]) }
        let attempts = message.attempts.map { ledger.operations[Int($0)] }
        if attempts.allSatisfy({ $0.outcome == .refused }) {
            return (
                "its sender was told every time that it surely was not",
                attempts.flatMap { [$0.invoked, $0.answered!] }
            )
        }
        return nil
    }
}
