/// I10: the numbers that a tab shows of a conversation go up by one, from 1 or from where a reset says.
extension Trial {
    func view() -> [Examination] {
        var examination = Examination("tabs")
        for (key, feed) in ledger.feedsInOrder {
            var expected: Int64 = 1
            var previous: Moment?
            for entry in feed {
                switch entry {
                case .reset(let next, let moment):
                    expected = next
                    previous = moment
                case .shown(let index):
                    examination.look()
                    let sighting = ledger.sightings[Int(index)]
                    if sighting.seq != expected {
                        examination.accuse(
                            "tab \(text(key.tab)) shows number \(sighting.seq) of conversation "
                                + "\(text(key.conversation)) "
                                + (sighting.seq > expected ? "and skips \(expected)" : "again or too late"),
                            of: "\(key.conversation)/\(key.tab)/\(min(sighting.seq, expected))", at: sighting.moment,
                            lines: (previous.map { [$0] } ?? []) + [sighting.moment])
                    }
                    expected = max(expected, sighting.seq + 1)
                    previous = sighting.moment
                }
            }
        }
        return [examination]
    }
}
