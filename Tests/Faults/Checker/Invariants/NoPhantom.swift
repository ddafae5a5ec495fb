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
                guard let doubt = doubt(key, message.content.hash, message.state, seq: message.seq, before: nil) else {
                    continue
                }
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
            guard
                examined.insert(
                    Seen(
                        conversation: sighting.conversation, content: sighting.content, state: sighting.state)
                ).inserted
            else { continue }
            examination.look()
            let content = ledger.contents[Int(sighting.content)]
            let key = MessageKey(conversation: sighting.conversation, sender: content.sender, id: content.id)
            guard
                let doubt = doubt(
                    key, content.hash, ledger.state(of: sighting), seq: sighting.seq, before: sighting.moment)
            else { continue }
            examination.accuse(
                "number \(sighting.seq) of conversation \(text(sighting.conversation)) was seen, but \(doubt.sentence)",
                of: subject(key), at: sighting.moment, lines: doubt.lines + [sighting.moment])
        }
        return examination
    }

    private struct Seen: Hashable {
        var conversation: Symbol
        var content: Int32
        var state: Int32
    }

    /// Why a message cannot be, if so.
    private func doubt(
        _ key: MessageKey, _ hash: Symbol, _ state: EntryState, seq: Int64, before: Moment?
    ) -> (sentence: String, lines: [Moment])? {
        guard let index = ledger.messageOfKey[key] else { return ("nobody sent it", []) }
        let message = ledger.messages[Int(index)]
        let entry = EntryKey(conversation: key.conversation, seq: seq)
        if let complaint = doubt(message, hash, state, entry, before: before) {
            return (complaint, [message.invoked])
        }
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

    /// Why a message cannot have this text or this state, if so.
    private func doubt(
        _ message: SentMessage, _ hash: Symbol, _ state: EntryState, _ entry: EntryKey, before: Moment?
    ) -> String? {
        let changes = changes(of: entry).filter { mayHaveHappened($0, before: before) }
        func has(_ user: Symbol, _ fits: (RequestedChange.Action) -> Bool) -> Bool {
            changes.contains { $0.user == user && fits($0.action) }
        }
        if state.isDeleted {
            if !has(message.key.sender, { $0 == .delete }) { return "its sender did not delete it" }
        } else if let edit = state.edit {
            let isWritten = has(message.key.sender) {
                if case .edit(hash, let number) = $0 { number < edit } else { false }
            }
            if !isWritten { return "its sender did not edit it so" }
        } else if message.hash != hash {
            return "its sender wrote another text"
        }
        for reaction in state.reactions where !has(reaction.user, { $0 == .react(reaction.emoji) }) {
            return "user \(text(reaction.user)) did not react with \(text(reaction.emoji))"
        }
        return nil
    }
}
