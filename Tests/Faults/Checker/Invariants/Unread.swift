import FaultHistory

/// I19: unread messages are the ones by others after the read position that are not deleted, exactly.
///
/// An answer says how many there are together with its read position and its last number, so each can be judged by itself:
/// a message is deleted for it if its deletion, which is its last change, is not above that number. When all is at rest,
/// the numbers from which conversations compute it are compared with the messages themselves.
extension Trial {
    func unread() -> [Examination] {
        // Over HTTP nobody sees what a conversation counts.
        let isCounted = store?.conversations.values.contains { $0.summary != nil } ?? false
        return isCounted ? [toldUnread(), storedCounts()] : [toldUnread()]
    }

    private func toldUnread() -> Examination {
        guard let store else { return .undecided("summaries", Self.noFinalRead) }
        var examination = Examination("summaries")
        for sync in ledger.syncs {
            let operation = ledger.operations[Int(sync.operation)]
            guard let answered = operation.answered else { continue }
            for (conversation, summary) in sync.summaries {
                // What is not stored at all is judged by others.
                guard let found = store.conversations[conversation] else { continue }
                examination.look()
                let first = found.messages.firstIndexSorted { $0.seq > summary.read }
                let expected = found.messages[first...].count { message in
                    message.seq <= summary.head && message.content.sender != sync.user
                        && !(message.state.isDeleted && message.rev <= summary.head)
                }
                guard Int64(expected) != summary.unread else { continue }
                examination.accuse(
                    "user \(text(sync.user)) was told of \(summary.unread) unread messages in conversation "
                        + "\(text(conversation)) after \(summary.read) and up to \(summary.head), where \(expected) are",
                    of: "\(conversation)/\(sync.user)", at: answered, lines: [operation.invoked, answered],
                    stored: [storedEnd(of: conversation)])
            }
        }
        return examination
    }

    /// What conversations say of themselves follows from the messages up to the number that they name.
    private func storedCounts() -> Examination {
        var examination = Examination("counts")
        for (conversation, found) in store?.inOrder ?? [] {
            guard let summary = found.summary else { continue }
            examination.look()
            func accuse(_ sentence: String, _ place: String, _ messages: [Store.Message] = []) {
                examination.accuse(
                    "conversation \(text(conversation)) \(sentence)", of: "\(conversation)/\(place)",
                    at: Moment(line: 0, at: 0), lines: [],
                    stored: messages.isEmpty
                        ? [storedEnd(of: conversation)] : messages.map { stored($0, in: conversation) })
            }
            func compare(_ count: Int64, _ what: String, _ place: String, _ fits: (Store.Message) -> Bool) {
                let expected = counted.count(where: fits)
                guard Int64(expected) != count else { return }
                accuse("counts \(count) \(what) up to \(summary.head), where \(expected) are", place)
            }
            // A deletion is a message's last change, so above the head it has not happened yet.
            let counted = found.messages.filter { message in
                message.seq <= summary.head && !(message.state.isDeleted && message.rev <= summary.head)
            }
            compare(summary.messages, "messages", "messages") { _ in true }
            for (user, member) in found.members.sorted(by: { $0.key < $1.key }) {
                compare(summary.sent[user] ?? 0, "messages of user \(text(user))", "sent/\(user)") {
                    $0.content.sender == user
                }
                compare(
                    summary.readOfOthers[user] ?? 0,
                    "messages of others that user \(text(user)) has read at \(member.read)", "read/\(user)"
                ) {
                    $0.content.sender != user && $0.seq <= member.read
                }
                if member.read > member.received || member.received > max(found.head, summary.head) {
                    accuse(
                        "says that user \(text(user)) has received up to \(member.received) and read up to "
                            + "\(member.read), with \(max(found.head, summary.head)) as its last number",
                        "positions/\(user)")
                }
            }
            let newest = found.messages.last { $0.seq <= summary.head }
            // What was changed above the head is not there any more as it was at the head.
            guard newest.map({ $0.rev <= summary.head }) ?? true, !Self.isSame(summary.last, newest) else { continue }
            accuse(
                "shows something else as its newest message than its newest message", "last",
                [summary.last, newest].compactMap(\.self))
        }
        return examination
    }

    /// Whether two are the same, but for the quote.
    private static func isSame(_ shown: Store.Message?, _ stored: Store.Message?) -> Bool {
        guard var shown, let stored else { return shown == nil && stored == nil }
        shown.state.replyTo = stored.state.replyTo
        return shown == stored
    }
}
