import ChatContracts

extension LaneBatch {
    /// What an update says about the newest messages, and whether the document is marked by it.
    ///
    /// The mark changes only together with messages that this batch has stored: then whoever still believes in another
    /// state of the document has a number in mind that is taken, and has to read again before it can store anything.
    func summarise(_ working: Working, in update: inout ConversationUpdate) {
        let state = working.state
        guard state.storedHead < state.head else { return }
        let mayWait = state.isOpen && state.head - state.storedHead <= rules.mostBehind
        guard !mayWait || !update.positions.isEmpty || !update.settings.isEmpty else { return }
        show(working, in: &update)
        guard !mayWait, working.hasStored else { return }
        let opens = working.isBusy && (rules.mayOpen || state.isOpen)
        update.mark = opens ? .set(rules.mark) : .remove
        update.state.isOpen = opens
    }

    /// Has an update bring a document up to the head.
    private func show(_ working: Working, in update: inout ConversationUpdate) {
        update.isSummary = true
        update.last = working.last
        if working.state.hasChanges { update.changedAt = now }
    }

    /// Brings the marked documents that are due up to date, and takes the mark away from those that nobody writes to
    /// any more. After everything that somebody waits for.
    mutating func stepToCatchUp() -> LaneStep<Handle>? {
        guard !due.isEmpty else { return nil }
        updating.removeAll(keepingCapacity: true)
        for id in due {
            guard let working = conversations[id], working.state.isOpen else { continue }
            let isBehind = working.state.storedHead < working.state.head
            let isQuiet =
                rules.closesAll || now.milliseconds - working.state.activeAt.milliseconds >= rules.busyWithin
            guard isBehind || isQuiet else { continue }
            var update = ConversationUpdate(working.state)
            if isBehind { show(working, in: &update) }
            update.expectedMark = rules.mark
            update.expectPositions(of: working.state)
            if isQuiet {
                update.mark = .remove
                update.state.isOpen = false
            }
            updating.append(update)
        }
        due.removeAll()
        return updating.isEmpty ? nil : .update(updating)
    }
}
