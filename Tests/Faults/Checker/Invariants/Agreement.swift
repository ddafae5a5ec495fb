/// I5: whoever sees a number of a conversation sees the same message there, and whoever sees it after the same last
/// change sees the same of it.
extension Trial {
    func agreement() -> [Examination] { [observersAgree(), storeAgrees()] }

    private struct Place: Hashable {
        var conversation: Symbol
        var seq: Int64
    }

    /// A message after a change.
    private struct Version: Hashable {
        var place: Place
        var rev: Int64
    }

    private func observersAgree() -> Examination {
        var examination = Examination("observers")
        var first: [Place: Int32] = [:]
        var firstOfVersion: [Version: Int32] = [:]
        for (index, sighting) in ledger.sightings.enumerated() {
            examination.look()
            let place = Place(conversation: sighting.conversation, seq: sighting.seq)
            guard let known = first[place] else {
                first[place] = Int32(index)
                continue
            }
            let earlier = ledger.sightings[Int(known)]
            let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
            let difference: String? =
                if !isSameMessage(earlier, sighting) {
                    "different messages as"
                } else if earlier.rev == sighting.rev {
                    isSameVersion(earlier, sighting) ? nil : "different texts or states of"
                } else {
                    mayHaveChanged(entry, before: sighting.moment) ? nil : "different revisions of"
                }
            let witness = difference == nil ? disagreement(sighting, index, place, &firstOfVersion) : earlier
            guard let witness else { continue }
            examination.accuse(
                "\(text(witness.process)) and \(text(sighting.process)) saw "
                    + (difference ?? "different texts or states of")
                    + " number \(sighting.seq) of conversation \(text(sighting.conversation))",
                of: "\(sighting.conversation)/\(sighting.seq)", at: sighting.moment,
                lines: [witness.moment, sighting.moment])
        }
        return examination
    }

    private func isSameMessage(_ one: Sighting, _ other: Sighting) -> Bool {
        if one.content == other.content { return true }
        let (first, second) = (ledger.contents[Int(one.content)], ledger.contents[Int(other.content)])
        return first.id == second.id && first.sender == second.sender
    }

    private func isSameVersion(_ one: Sighting, _ other: Sighting) -> Bool {
        one.content == other.content && one.state == other.state
    }

    /// The first sighting of a changed message after the same change, if that one showed something else.
    private func disagreement(
        _ sighting: Sighting, _ index: Int, _ place: Place, _ first: inout [Version: Int32]
    ) -> Sighting? {
        guard sighting.rev > sighting.seq else { return nil }
        let version = Version(place: place, rev: sighting.rev)
        guard let known = first[version] else {
            first[version] = Int32(index)
            return nil
        }
        let earlier = ledger.sightings[Int(known)]
        return isSameVersion(earlier, sighting) ? nil : earlier
    }

    private func storeAgrees() -> Examination {
        guard let store else { return .undecided("store", Self.noFinalRead) }
        var examination = Examination("store")
        var accused: Set<Place> = []
        for sighting in ledger.sightings {
            examination.look()
            guard let found = store.conversations[sighting.conversation]?.message(sighting.seq),
                found.content.id != ledger.contents[Int(sighting.content)].id
                    || found.content.sender != ledger.contents[Int(sighting.content)].sender
                    || (found.rev == sighting.rev
                        || !mayHaveChanged(
                            EntryKey(conversation: sighting.conversation, seq: sighting.seq)))
                        && (found.content != ledger.contents[Int(sighting.content)]
                            || found.state != ledger.state(of: sighting)),
                accused.insert(Place(conversation: sighting.conversation, seq: sighting.seq)).inserted
            else { continue }
            examination.accuse(
                "\(text(sighting.process)) saw another message than the one that is stored as number \(sighting.seq) "
                    + "of conversation \(text(sighting.conversation))",
                of: "\(sighting.conversation)/\(sighting.seq)", at: sighting.moment, lines: [sighting.moment],
                stored: [stored(found, in: sighting.conversation)])
        }
        return examination
    }
}
