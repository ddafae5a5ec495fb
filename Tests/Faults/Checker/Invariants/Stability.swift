import FaultHistory

/// I6: what anybody saw is in every read that begins later, and in the final read.
///
/// While a fault lasts, and for a few seconds after it, a read may be answered by a server that was cut off and does not
/// know it: its answer is old, but nothing is lost. Such answers are counted, with how old they were.
extension Trial {
    func stability() -> [Examination] {
        [finalRead(), pages(), syncs()] + (ledger.catchUps.isEmpty ? [] : [catchUps()])
    }

    private func finalRead() -> Examination {
        guard let store else { return .undecided("final read", Self.noFinalRead) }
        var examination = Examination("final read")
        struct Version: Hashable {
            var entry: EntryKey
            var rev: Int64
        }
        var examined: Set<Version> = []
        for sighting in ledger.sightings {
            let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
            guard examined.insert(Version(entry: entry, rev: sighting.rev)).inserted else { continue }
            examination.look()
            if let found = store.conversations[sighting.conversation]?.message(sighting.seq) {
                guard found.rev < sighting.rev else { continue }
                examination.accuse(
                    "\(text(sighting.process)) saw number \(sighting.seq) of conversation "
                        + "\(text(sighting.conversation)) as changed by \(sighting.rev), which is lost",
                    of: subject(sighting), at: sighting.moment, lines: [sighting.moment],
                    stored: [stored(found, in: sighting.conversation)])
                continue
            }
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
            if let hole = zip(seqs, seqs.dropFirst()).first(where: {
                births(in: page.conversation).first(from: $0 + 1) != $1
            }) {
                examination.accuse(
                    "a page of conversation \(text(page.conversation)) goes from number \(hole.0) to \(hole.1)",
                    of: "\(page.conversation)/\(hole.0 + 1)", at: answered, lines: [operation.invoked, answered])
                continue
            }
            let limit = page.before.map { $0 - 1 } ?? .max
            if let missing = missingMessage(
                page.conversation, after: seqs.last ?? page.after ?? 0, limit: limit, before: operation.invoked)
            {
                accuseUnlessStale(
                    page.conversation, last: seqs.last ?? page.after ?? 0, missing, operation, answered, "a page",
                    &examination, &stale)
            }
            examineRevisions(of: page, operation, answered, &examination, &stale)
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
                guard let missing = missingChange(conversation, after: cursor, before: operation.invoked) else {
                    continue
                }
                accuseUnlessStale(
                    conversation, last: cursor, missing, operation, answered, "a sync", &examination, &stale)
            }
        }
        examination.remark = stale.remark
        return examination
    }

    /// A message that was seen before a page was asked for and that has its place after the page's end.
    private func missingMessage(
        _ conversation: Symbol, after last: Int64, limit: Int64, before invoked: Moment
    ) -> Horizon.Step? {
        guard let horizon = ledger.horizons[conversation], let seen = horizon.before(invoked),
            min(seen.seq, limit) > last
        else { return nil }
        guard case .known = births(in: conversation) else { return horizon.reached(last + 1) }
        var next = births(in: conversation).first(from: last + 1)
        while let seq = next, seq <= min(seen.seq, limit) {
            if let moment = ledger.births[conversation]?[seq], moment < invoked {
                return Horizon.Step(seq: seq, moment: moment)
            }
            next = births(in: conversation).first(from: seq + 1)
        }
        return nil
    }

    /// A change that was seen before something was asked for and that the answer does not know.
    private func missingChange(_ conversation: Symbol, after cursor: Int64, before invoked: Moment) -> Horizon.Step? {
        guard let heads = ledger.heads[conversation], let seen = heads.before(invoked), seen.seq > cursor else {
            return nil
        }
        return heads.reached(cursor + 1)
    }

    /// Whether every message of a page is as new as anybody had seen it.
    private func examineRevisions(
        of page: Page, _ operation: Operation, _ answered: Moment, _ examination: inout Examination,
        _ stale: inout Stale
    ) {
        for index in page.messages {
            let sighting = ledger.sightings[Int(index)]
            let entry = EntryKey(conversation: page.conversation, seq: sighting.seq)
            guard let revisions = ledger.revisions[entry], let seen = revisions.before(operation.invoked),
                seen.seq > sighting.rev, let missing = revisions.reached(sighting.rev + 1)
            else { continue }
            accuseUnlessStale(
                page.conversation, last: sighting.rev, missing, operation, answered,
                "number \(sighting.seq) in a page", &examination, &stale)
        }
    }

    /// Old answers are allowed during faults.
    private func accuseUnlessStale(
        _ conversation: Symbol, last: Int64, _ missing: Horizon.Step, _ operation: Operation, _ answered: Moment,
        _ what: String, _ examination: inout Examination, _ stale: inout Stale
    ) {
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

    /// Whether a message does not belong to what happened between two numbers. It comes as it is at the moment of the answer,
    /// so its last change may be above the second if an earlier one, or its birth, is between them.
    private func isBesides(_ sighting: Sighting, _ after: Int64, _ through: Int64) -> Bool {
        guard sighting.rev > through, sighting.seq > through || sighting.seq <= after else { return false }
        guard let markers = store?.conversations[sighting.conversation]?.markers else { return false }
        return !markers.contains { $0.seq == sighting.seq && $0.number > after && $0.number <= through }
    }

    /// What happened after a cursor: every message whose last change is later, as it is, and none besides.
    private func catchUps() -> Examination {
        var examination = Examination("catch-ups")
        var stale = Stale()
        for catchUp in ledger.catchUps {
            let operation = ledger.operations[Int(catchUp.operation)]
            guard let answer = catchUp.answer, let answered = operation.answered else { continue }
            examination.look()
            if let missing = missingChange(catchUp.conversation, after: answer.cursor, before: operation.invoked) {
                accuseUnlessStale(
                    catchUp.conversation, last: answer.cursor, missing, operation, answered, "a catch-up",
                    &examination, &stale)
            }
            guard !answer.reset else { continue }
            var brought: [Int64: Int64] = [:]
            for index in answer.messages {
                let sighting = ledger.sightings[Int(index)]
                brought[sighting.seq] = sighting.rev
                guard sighting.rev <= catchUp.cursor || isBesides(sighting, catchUp.cursor, answer.cursor) else {
                    continue
                }
                examination.accuse(
                    "a catch-up of conversation \(text(catchUp.conversation)) from \(catchUp.cursor) to "
                        + "\(answer.cursor) brought number \(sighting.seq) as changed by \(sighting.rev)",
                    of: subject(sighting), at: answered, lines: [operation.invoked, answered])
            }
            for message in store?.conversations[catchUp.conversation]?.messages ?? []
            where message.rev > catchUp.cursor && message.rev <= answer.cursor && brought[message.seq] != message.rev {
                examination.accuse(
                    "a catch-up of conversation \(text(catchUp.conversation)) from \(catchUp.cursor) to "
                        + "\(answer.cursor) did not bring number \(message.seq) as changed by \(message.rev)",
                    of: "\(catchUp.conversation)/\(message.seq)", at: answered, lines: [operation.invoked, answered],
                    stored: [stored(message, in: catchUp.conversation)])
            }
        }
        examination.remark = stale.remark
        return examination
    }
}
