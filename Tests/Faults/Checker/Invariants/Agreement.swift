/// I5: whoever sees a number of a conversation sees the same message there.
extension Trial {
    func agreement() -> [Examination] { [observersAgree(), storeAgrees()] }

    private struct Place: Hashable {
        var conversation: Symbol
        var seq: Int64
    }

    private func observersAgree() -> Examination {
        var examination = Examination("observers")
        var first: [Place: Int32] = [:]
        for (index, sighting) in ledger.sightings.enumerated() {
            examination.look()
            let place = Place(conversation: sighting.conversation, seq: sighting.seq)
            guard let known = first[place] else {
                first[place] = Int32(index)
                continue
            }
            let earlier = ledger.sightings[Int(known)]
            guard earlier.content != sighting.content || earlier.rev != sighting.rev else { continue }
            examination.accuse(
                "\(text(earlier.process)) and \(text(sighting.process)) saw "
                    + (earlier.content == sighting.content ? "different revisions of" : "different messages as")
                    + " number \(sighting.seq) of conversation \(text(sighting.conversation))",
                of: "\(sighting.conversation)/\(sighting.seq)", at: sighting.moment,
                lines: [earlier.moment, sighting.moment])
        }
        return examination
    }

    private func storeAgrees() -> Examination {
        guard let store else { return .undecided("store", Self.noFinalRead) }
        var examination = Examination("store")
        var accused: Set<Place> = []
        for sighting in ledger.sightings {
            examination.look()
            guard let found = store.conversations[sighting.conversation]?.message(sighting.seq),
                found.content != ledger.contents[Int(sighting.content)],
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
