/// I4: the numbers of a conversation in the final read are 1 to N, each once; so are the revisions.
extension Trial {
    func contiguity() -> [Examination] {
        guard let store else { return [.undecided("store", Self.noFinalRead)] }
        var examination = Examination("store")
        for (conversation, found) in store.inOrder where !found.messages.isEmpty {
            examination.look()
            var expected: Int64 = 1
            var previous: Store.Message?
            for message in found.messages {
                if message.seq != expected {
                    let moment = firstSight(of: message, previous, in: conversation)
                    examination.accuse(
                        "conversation \(text(conversation)) "
                            + (message.seq < expected
                                ? "has two messages with number \(message.seq)"
                                : "has no number \(expected), but \(message.seq)"),
                        of: "\(conversation)/\(min(message.seq, expected))", at: moment.at, lines: moment.lines,
                        stored: [previous, message].compactMap { $0.map { stored($0, in: conversation) } })
                }
                expected = message.seq + 1
                previous = message
            }
            examineRevisions(found.messages, of: conversation, &examination)
        }
        return [examination]
    }

    private func examineRevisions(
        _ messages: [Store.Message], of conversation: Symbol, _ examination: inout Examination
    ) {
        var holders: [Int64: Store.Message] = [:]
        for message in messages {
            guard let other = holders.updateValue(message, forKey: message.rev), other.seq != message.seq else {
                continue
            }
            let moment = firstSight(of: message, other, in: conversation)
            examination.accuse(
                "conversation \(text(conversation)) has two messages with revision \(message.rev)",
                of: "\(conversation)/rev\(message.rev)", at: moment.at, lines: moment.lines,
                stored: [other, message].map { stored($0, in: conversation) })
        }
    }

    /// When the messages beside a fault in the numbers were sent, and how.
    private func firstSight(
        of message: Store.Message, _ other: Store.Message?, in conversation: Symbol
    ) -> (at: Moment, lines: [Moment]) {
        let lines = [other, message].compactMap { message -> Moment? in
            guard let content = message?.content else { return nil }
            let key = MessageKey(conversation: conversation, sender: content.sender, id: content.id)
            return ledger.messageOfKey[key].map { ledger.messages[Int($0)].invoked }
        }
        return (lines.last ?? Moment(line: 0, at: 0), lines)
    }
}
