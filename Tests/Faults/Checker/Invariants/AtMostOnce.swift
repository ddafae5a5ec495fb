/// I2: no message is stored twice, and none is twice in what a tab shows or a page of history holds.
extension Trial {
    func atMostOnce() -> [Examination] { [storedOnce(), shownOnce(), onceInEveryPage()] }

    private func storedOnce() -> Examination {
        guard let store else { return .undecided("store", Self.noFinalRead) }
        var examination = Examination("store")
        examination.look(store.places.count)
        let twice = store.places.filter { $0.value.count > 1 }.sorted { subject($0.key) < subject($1.key) }
        for (key, places) in twice {
            let message = ledger.messageOfKey[key].map { ledger.messages[Int($0)] }
            let attempts = message.map { $0.attempts.map { ledger.operations[Int($0)] } } ?? []
            let list = places.map(String.init).joined(separator: " and ")
            examination.accuse(
                "message \(text(key.id)) is stored \(places.count) times, as number \(list)", of: subject(key),
                at: message?.invoked ?? Moment(line: 0, at: 0), lines: attempts.map(\.invoked),
                stored: store.conversations[key.conversation]?.messages
                    .filter { $0.content.id == key.id && $0.content.sender == key.sender }
                    .map { stored($0, in: key.conversation) } ?? [])
        }
        return examination
    }

    private func shownOnce() -> Examination {
        var examination = Examination("tabs")
        for (key, feed) in ledger.feedsInOrder {
            var shown: [Identity: Int32] = [:]
            for entry in feed {
                guard case .shown(let index) = entry else {
                    if case .reset = entry { shown.removeAll(keepingCapacity: true) }
                    continue
                }
                examination.look()
                accuseIfRepeated(index, &shown, "tab \(text(key.tab)) shows", &examination)
            }
        }
        return examination
    }

    private func onceInEveryPage() -> Examination {
        var examination = Examination("pages")
        for page in ledger.pages where !page.messages.isEmpty {
            examination.look()
            var seen: [Identity: Int32] = [:]
            for index in page.messages { accuseIfRepeated(index, &seen, "a page of history has", &examination) }
        }
        return examination
    }

    /// A message within a conversation.
    private struct Identity: Hashable {
        var sender: Symbol
        var id: Symbol
    }

    /// Everything of one call is of one conversation.
    private func accuseIfRepeated(
        _ index: Int32, _ seen: inout [Identity: Int32], _ who: String, _ examination: inout Examination
    ) {
        let sighting = ledger.sightings[Int(index)]
        let content = ledger.contents[Int(sighting.content)]
        let identity = Identity(sender: content.sender, id: content.id)
        guard let first = seen.updateValue(index, forKey: identity) else { return }
        let earlier = ledger.sightings[Int(first)]
        examination.accuse(
            "\(who) message \(text(content.id)) twice, "
                + "as number \(earlier.seq) and \(sighting.seq)",
            of: subject(sighting), at: sighting.moment, lines: [earlier.moment, sighting.moment])
    }
}
