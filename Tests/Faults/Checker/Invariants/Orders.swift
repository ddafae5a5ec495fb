/// I7, I8 and I9: the order in time, the order of a sender, and the same answer every time.
extension Trial {
    /// I7: a message that was sent after another one of its conversation, or a change of one, had been seen has a higher
    /// number than that one.
    func realTimeOrder() -> [Examination] {
        var examination = Examination("messages")
        for message in ledger.messages {
            guard let (seq, evidence) = place(of: message),
                let seen = ledger.heads[message.key.conversation]?.before(message.invoked)
            else { continue }
            examination.look()
            guard seq <= seen.seq else { continue }
            examination.accuse(
                "message \(text(message.key.id)) was sent when number \(seen.seq) of its conversation had been seen, "
                    + "and got number \(seq)",
                of: subject(message.key), at: message.invoked,
                lines: [seen.moment, message.invoked] + (evidence.map { [$0] } ?? []),
                stored: evidence == nil ? ["stored: message \(text(message.key.id)) has seq \(seq)"] : [])
        }
        return [examination]
    }

    /// I8: the acknowledged messages that a tab sent to a conversation are numbered in the order of sending.
    func senderOrder() -> [Examination] {
        var examination = Examination("messages")
        struct Outbox: Hashable {
            var process: Symbol
            var conversation: Symbol
        }
        var latest: [Outbox: (message: SentMessage, answer: Sighting)] = [:]
        // The ledger has messages in the order of their first attempts.
        for message in ledger.messages {
            guard let first = message.acknowledgements.first else { continue }
            let answer = ledger.sightings[Int(first)]
            examination.look()
            let outbox = Outbox(process: message.process, conversation: message.key.conversation)
            defer { latest[outbox] = (message, answer) }
            guard let before = latest[outbox], before.answer.seq >= answer.seq else { continue }
            examination.accuse(
                "\(text(message.process)) sent one message and then another, which got number \(before.answer.seq) "
                    + "and then \(answer.seq)",
                of: subject(message.key), at: message.invoked,
                lines: [before.message.invoked, before.answer.moment, message.invoked, answer.moment])
        }
        return [examination]
    }

    /// I9: every answer to every attempt to send a message describes the same message: the one that was sent, or what
    /// later changes made of it.
    func idempotentAnswer() -> [Examination] {
        var examination = Examination("answers")
        for message in ledger.messages {
            guard let first = message.acknowledgements.first.map({ ledger.sightings[Int($0)] }) else { continue }
            for index in message.acknowledgements {
                examination.look()
                let answer = ledger.sightings[Int(index)]
                let content = ledger.contents[Int(answer.content)]
                let entry = EntryKey(conversation: message.key.conversation, seq: answer.seq)
                let isChanged =
                    answer.rev > answer.seq && content.id == message.key.id && content.sender == message.key.sender
                    && mayHaveChanged(entry, before: answer.moment)
                if answer.seq != first.seq
                    || !isChanged && first.rev == first.seq
                        && (answer.rev != first.rev || answer.content != first.content)
                {
                    examination.accuse(
                        "message \(text(message.key.id)) was acknowledged as number \(first.seq) "
                            + "and then as number \(answer.seq)",
                        of: subject(message.key), at: answer.moment,
                        lines: [message.invoked, first.moment, answer.moment])
                } else if content.id != message.key.id || content.sender != message.key.sender
                    || !isChanged && (answer.rev != answer.seq || content.hash != message.hash)
                {
                    examination.accuse(
                        "the answer to message \(text(message.key.id)) describes another one",
                        of: subject(message.key), at: answer.moment, lines: [message.invoked, answer.moment])
                }
            }
        }
        return [examination]
    }
}
