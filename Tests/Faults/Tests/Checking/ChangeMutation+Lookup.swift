import FaultHistory

// What a mutation has to know of a history to make something wrong that surely is.
extension ChangeMutation {
    /// Whether a change was asked for after a deletion of the same message had been acknowledged.
    func isAfterDeletion(_ change: ChangeInvoked, in records: [Record]) -> Bool {
        guard change.action == .edit || change.action == .react, change.attempt == 1 else { return false }
        let deletions = acknowledged(.delete, in: records).filter { $0.seq == change.seq }.map(\.op)
        for record in records {
            if case .changeAcknowledged(let answer) = record.event, deletions.contains(answer.op) { return true }
            if case .changeInvoked(let invoked) = record.event, invoked.op == change.op { return false }
        }
        return false
    }

    /// Whether a tab shows a message when a record is written.
    func isShown(_ seq: Int64, before index: Int, in records: [Record]) -> Bool {
        for earlier in records[..<index].reversed() where earlier.process == records[index].process {
            if case .viewed(let view) = earlier.event, view.seq == seq { return true }
            if case .viewReset = earlier.event { return false }
        }
        return false
    }

    /// The last number of a conversation.
    func end(of stored: StoredConversation) -> Int64 { stored.messages.map(\.rev).max() ?? 0 }

    func hasReload(after index: Int, in records: [Record]) -> Bool {
        records[index...].contains {
            if case .viewReset = $0.event { $0.process == records[index].process } else { false }
        }
    }

    func isLast(_ message: SeenMessage, in records: [Record]) -> Bool {
        !records.contains {
            if case .viewChanged(let view) = $0.event {
                view.message.seq == message.seq && view.message.rev > message.rev
            } else {
                false
            }
        }
    }

    func invocation(of op: Int64, in records: [Record]) -> Int {
        records.firstIndex { if case .readInvoked(let read) = $0.event { read.op == op } else { false } }!
    }

    func isSeen(_ message: SeenMessage, before index: Int, in records: [Record]) -> Bool {
        records[..<index].contains {
            if case .viewChanged(let view) = $0.event { view.message == message } else { false }
        }
    }

    func changes(in records: [Record]) -> [ChangeInvoked] {
        records.compactMap { if case .changeInvoked(let change) = $0.event { change } else { nil } }
    }

    /// The attempts of a kind that were acknowledged.
    func acknowledged(_ action: ChangeInvoked.Action, in records: [Record]) -> [ChangeInvoked] {
        let answers = Set(
            records.compactMap { if case .changeAcknowledged(let answer) = $0.event { answer.op } else { nil } })
        return changes(in: records).filter { $0.action == action && answers.contains($0.op) }
    }

    func operation(of event: Event) -> Int64? {
        switch event {
        case .changeInvoked(let change): change.op
        case .changeAcknowledged(let answer): answer.op
        case .refused(let refused): refused.op
        case .unknown(let unknown): unknown.op
        case .catchUpInvoked(let invoked): invoked.op
        default: nil
        }
    }

    /// A message as somebody saw it when it was new.
    func firstVersion(of seq: Int64, in records: [Record]) -> SeenMessage? {
        for record in records {
            if case .viewed(let view) = record.event, view.seq == seq, view.rev == seq {
                return SeenMessage(
                    seq: seq, rev: seq, sender: view.sender, id: view.id, hash: view.hash, state: view.state)
            }
        }
        return nil
    }
}
