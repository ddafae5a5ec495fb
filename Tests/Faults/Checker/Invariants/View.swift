/// I10: a tab shows the messages of a conversation one after the other, from the first or from where a reset says, and a
/// message that it shows is only ever replaced by a later state of itself.
extension Trial {
    func view() -> [Examination] {
        var examination = Examination("tabs")
        for (key, feed) in ledger.feedsInOrder {
            let births = births(in: key.conversation)
            var expected: Int64 = births.first(from: 1) ?? 1
            var first = expected
            var previous: Moment?
            // What was passed over because a later change of it had not been heard of yet.
            var late: Set<Int64> = []
            // The number of the last change that is shown, by seq.
            var shown: [Int64: (rev: Int64, moment: Moment)] = [:]
            for entry in feed {
                switch entry {
                case .reset(let next, _, let moment):
                    expected = births.first(from: next) ?? next
                    first = next
                    shown.removeAll(keepingCapacity: true)
                    late.removeAll()
                    previous = moment
                case .shown(let index):
                    examination.look()
                    let sighting = ledger.sightings[Int(index)]
                    if sighting.seq < expected, sighting.rev > sighting.seq, late.remove(sighting.seq) != nil {
                        shown[sighting.seq] = (sighting.rev, sighting.moment)
                        continue
                    }
                    let skipped = skipped(from: expected, to: sighting, of: key.conversation, &late)
                    if skipped != nil || sighting.seq < expected {
                        examination.accuse(
                            "tab \(text(key.tab)) shows number \(sighting.seq) of conversation "
                                + "\(text(key.conversation)) "
                                + (skipped.map { "and skips \($0)" } ?? "again or too late"),
                            of: "\(key.conversation)/\(key.tab)/\(min(sighting.seq, skipped ?? expected))",
                            at: sighting.moment, lines: (previous.map { [$0] } ?? []) + [sighting.moment])
                    }
                    expected = max(expected, births.first(from: sighting.seq + 1) ?? sighting.seq + 1)
                    previous = sighting.moment
                    shown[sighting.seq] = (sighting.rev, sighting.moment)
                case .changed(let index):
                    examination.look()
                    let sighting = ledger.sightings[Int(index)]
                    defer { shown[sighting.seq] = (sighting.rev, sighting.moment) }
                    guard let before = shown[sighting.seq] else {
                        // Of what is older than all that it shows a tab only hears.
                        guard sighting.seq >= first else { continue }
                        examination.accuse(
                            "tab \(text(key.tab)) shows a change of number \(sighting.seq) of conversation "
                                + "\(text(key.conversation)), which it does not show",
                            of: "\(key.conversation)/\(key.tab)/\(sighting.seq)", at: sighting.moment,
                            lines: (previous.map { [$0] } ?? []) + [sighting.moment])
                        continue
                    }
                    guard sighting.rev <= before.rev else { continue }
                    examination.accuse(
                        "tab \(text(key.tab)) showed number \(sighting.seq) of conversation "
                            + "\(text(key.conversation)) as changed by \(before.rev), and then as by \(sighting.rev)",
                        of: "\(key.conversation)/\(key.tab)/\(sighting.seq)", at: sighting.moment,
                        lines: [before.moment, sighting.moment])
                }
            }
        }
        return [examination]
    }

    /// The first message that a tab passed over without a reason. A message that was changed meanwhile comes with that
    /// change, which a sync that was cut short may leave for the next one.
    private func skipped(
        from expected: Int64, to sighting: Sighting, of conversation: Symbol, _ late: inout Set<Int64>
    ) -> Int64? {
        let births = births(in: conversation)
        var next = births.first(from: expected)
        while let seq = next, seq < sighting.seq {
            let entry = EntryKey(conversation: conversation, seq: seq)
            guard mayHaveChanged(entry, before: sighting.moment) else { return seq }
            late.insert(seq)
            next = births.first(from: seq + 1)
        }
        return nil
    }
}
