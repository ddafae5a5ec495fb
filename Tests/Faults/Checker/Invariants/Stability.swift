import FaultHistory

/// I6: what anybody saw is in every read that begins later, and in the final read.
///
/// While a fault lasts, and for a few seconds after it, a read may be answered by a server that was cut off and does not
/// know it: its answer is old, but nothing is lost. Such answers are counted, with how old they were.
extension Trial {
    func stability() -> [Examination] { [finalRead(), pages(), syncs()] }

    private func finalRead() -> Examination {
        guard let store else { return .undecided("final read", Self.noFinalRead) }
        var examination = Examination("final read")
        struct Place: Hashable {
            var conversation: Symbol
            var seq: Int64
        }
        var examined: Set<Place> = []
        for sighting in ledger.sightings
        where examined.insert(Place(conversation: sighting.conversation, seq: sighting.seq)).inserted {
            examination.look()
            guard store.conversations[sighting.conversation]?.message(sighting.seq) == nil else { continue }
            examination.accuse(
                "\(text(sighting.process)) saw number \(sighting.seq) of conversation \(text(sighting.conversation)), "
                    + "which is not stored",
                of: subject(sighting), at: sighting.moment, lines: [sighting.moment],
                stored: [storedEnd(of: sighting.conversation)])
        }
        return examination
    }

    /// The old answers that were excused.
    private struct Stale {
        var count = 0
        var worst = 0.0

        var remark: String? {
            count == 0 ? nil : "\(count) answers during faults were old, by \(Numbers.seconds(worst)) at worst"
        }
    }

    private func pages() -> Examination {
        var examination = Examination("pages")
        var stale = Stale()
        for page in ledger.pages {
            let operation = ledger.operations[Int(page.operation)]
            guard operation.outcome == .acknowledged, let answered = operation.answered else { continue }
            examination.look()
            let seqs = page.messages.map { ledger.sightings[Int($0)].seq }
            if let hole = zip(seqs, seqs.dropFirst()).first(where: { $1 != $0 + 1 }) {
                examination.accuse(
                    "a page of conversation \(text(page.conversation)) goes from number \(hole.0) to \(hole.1)",
                    of: "\(page.conversation)/\(hole.0 + 1)", at: answered, lines: [operation.invoked, answered])
                continue
            }
            let limit = page.before.map { $0 - 1 } ?? .max
            examineFreshness(
                page.conversation, last: seqs.last ?? page.after ?? 0, limit: limit, operation, answered, "a page",
                &examination,
                &stale)
        }
        examination.remark = stale.remark
        return examination
    }

    private func syncs() -> Examination {
        var examination = Examination("syncs")
        var stale = Stale()
        for sync in ledger.syncs where !sync.more {
            let operation = ledger.operations[Int(sync.operation)]
            guard operation.outcome == .acknowledged, let answered = operation.answered else { continue }
            for (conversation, cursor) in sync.cursors {
                examination.look()
                examineFreshness(
                    conversation, last: cursor, limit: .max, operation, answered, "a sync", &examination, &stale)
            }
        }
        examination.remark = stale.remark
        return examination
    }

    /// Compares the end of an answer with what was seen before it was asked for.
    private func examineFreshness(
        _ conversation: Symbol, last: Int64, limit: Int64, _ operation: Operation, _ answered: Moment, _ what: String,
        _ examination: inout Examination, _ stale: inout Stale
    ) {
        guard let horizon = ledger.horizons[conversation], let seen = horizon.before(operation.invoked),
            min(seen.seq, limit) > last, let missing = horizon.reached(last + 1)
        else { return }
        if disturbed(at: operation.invoked.at) || disturbed(at: answered.at) {
            stale.count += 1
            stale.worst = max(stale.worst, Double(operation.invoked.at - missing.moment.at) / 1e9)
            return
        }
        examination.accuse(
            "number \(missing.seq) of conversation \(text(conversation)) had been seen, "
                + "and \(what) that was asked for later ends with \(last)",
            of: "\(conversation)/\(last + 1)", at: answered, lines: [missing.moment, operation.invoked, answered])
    }
}
