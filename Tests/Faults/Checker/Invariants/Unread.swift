import FaultHistory

/// I19: unread messages are the ones by others after the read position that are not deleted, exactly.
///
/// An answer says how many there are together with its read position and its last number, so each can be judged by itself:
/// a message is deleted for it if its deletion, which is its last change, is not above that number.
extension Trial {
    func unread() -> [Examination] {
        guard let store else { return [.undecided("summaries", Self.noFinalRead)] }
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
        return [examination]
    }
}
