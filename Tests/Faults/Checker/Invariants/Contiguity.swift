import FaultHistory

/// I4: every number of a conversation from 1 to the last is one message or one change, and none is both or twice.
///
/// Where nobody asked for a change that means messages 1 to N. Otherwise a number may have been given to a change, which
/// somebody must have asked for: each change for one number at most. If the final read has the markers, each such number
/// has one. If it has not, a message has the number as its revision, or a later change of the same message took its place;
/// the history has to explain those: somebody saw the message at that number, or somebody asked for a change which could
/// have got it and which explains no other number.
extension Trial {
    func contiguity() -> [Examination] {
        [storedNumbers(), seenNumbers()] + [groupNumbers()].filter { $0.examined > 0 }
    }

    private func storedNumbers() -> Examination {
        guard let store else { return .undecided("store", Self.noFinalRead) }
        var examination = Examination("store")
        let seen = seenChanges()
        for (conversation, found) in store.inOrder where !found.messages.isEmpty {
            examination.look()
            examineRevisions(found.messages, of: conversation, &examination)
            examineMarkers(found, of: conversation, &examination)
            examineNumbers(found, of: conversation, seen: seen[conversation] ?? [:], &examination)
        }
        return examination
    }

    /// Numbers that are neither a message nor the last change of one.
    private func examineNumbers(
        _ found: Store.Conversation, of conversation: Symbol, seen: [Int64: Int64], _ examination: inout Examination
    ) {
        // What was seen has no place of its own, so it counts only if nobody looked at the places.
        var changes = found.markers == nil ? seen : [:]
        for message in found.messages where message.rev > message.seq { changes[message.rev] = message.seq }
        for marker in found.markers ?? [] { changes[marker.number] = marker.seq }
        let end = max(found.head, found.ownHead ?? 0, found.markers?.last?.number ?? 0, seen.keys.max() ?? 0)
        var missing: [Int64] = []
        var expected: Int64 = 1
        var neighbours: [Int64: (before: Store.Message?, after: Store.Message?)] = [:]
        var previous: Store.Message?
        func miss(upTo end: Int64, before message: Store.Message?) {
            // Where all is far off, the beginning of the hole says enough.
            let last = min(end, expected + 100_000)
            while expected < last {
                if changes[expected] == nil {
                    missing.append(expected)
                    neighbours[expected] = (previous, message)
                }
                expected += 1
            }
            expected = max(expected, end)
        }
        for message in found.messages {
            if message.seq < expected, message.seq == previous?.seq {
                let moment = firstSight(of: message, previous, in: conversation)
                examination.accuse(
                    "conversation \(text(conversation)) has two messages with number \(message.seq)",
                    of: "\(conversation)/\(message.seq)", at: moment.at, lines: moment.lines,
                    stored: [previous, message].compactMap { $0.map { stored($0, in: conversation) } })
            }
            miss(upTo: message.seq, before: message)
            expected = max(expected, message.seq + 1)
            previous = message
        }
        miss(upTo: end + 1, before: nil)

        let revisions = Dictionary(found.messages.map { ($0.seq, $0.rev) }) { max($0, $1) }
        let replaced = missing.map { NumberMatching.Point(number: $0, entry: nil) }
        let points = changes.map { NumberMatching.Point(number: $0.key, entry: $0.value) }
        let matching = NumberMatching(
            points: found.markers == nil ? points + replaced : points, slots: slots(of: conversation, revisions))
        let unexplained = found.markers == nil ? matching.unexplained : matching.unexplained + replaced
        var last: Int64?
        for point in unexplained.sorted(by: { $0.number < $1.number }) {
            if let entry = point.entry {
                accuseUnaskedChange(point.number, of: entry, found, in: conversation, &examination)
                continue
            }
            // A stretch of numbers that are not there is one fault.
            defer { last = point.number }
            guard last != point.number - 1 else { continue }
            let (before, after) = neighbours[point.number] ?? (nil, nil)
            let moment = firstSight(of: after ?? before, before, in: conversation)
            examination.accuse(
                "conversation \(text(conversation)) has no number \(point.number)"
                    + (after.map { ", but \($0.seq)" } ?? ""),
                of: "\(conversation)/\(point.number)", at: moment.at, lines: moment.lines,
                stored: [before, after].compactMap { $0.map { stored($0, in: conversation) } })
        }
    }

    private func accuseUnaskedChange(
        _ number: Int64, of seq: Int64, _ found: Store.Conversation, in conversation: Symbol,
        _ examination: inout Examination
    ) {
        let message = found.message(seq)
        let moment = firstSight(of: message, nil, in: conversation)
        let asked = changes(of: EntryKey(conversation: conversation, seq: seq)).first?.invoked
        examination.accuse(
            "number \(number) of conversation \(text(conversation)) changed number \(seq), "
                + "and nobody asked for a change that can have been that one",
            of: "\(conversation)/\(number)", at: asked ?? moment.at, lines: moment.lines + (asked.map { [$0] } ?? []),
            stored: message.map { [stored($0, in: conversation)] } ?? [])
    }

    /// The numbers that each change that may have happened can have got.
    private func slots(of conversation: Symbol, _ revisions: [Int64: Int64]) -> [NumberMatching.Slot] {
        var slots: [NumberMatching.Slot] = []
        guard ledger.conversationsWithChanges.contains(conversation) else { return [] }
        for change in ledger.changes where change.entry.conversation == conversation {
            guard let last = revisions[change.entry.seq] else { continue }
            var attempts = change.attempts.map { ledger.operations[Int($0)] }.filter { $0.outcome != .refused }
            var least = change.entry.seq
            switch change.action {
            case .edit(_, let number): least = max(least, number)
            case .delete: break
            // Each attempt may have added it anew, after something else had taken it away.
            case .react, .unreact: break
            }
            if !change.canRepeat { attempts = Array(attempts.prefix(1)) }
            let answered = change.acknowledgements.compactMap { $0.sighting.map { ledger.sightings[Int($0)].rev } }
                .min()
            for attempt in attempts {
                let known = ledger.heads[conversation]?.before(attempt.invoked)?.seq ?? 0
                slots.append(
                    NumberMatching.Slot(
                        entry: change.entry.seq, after: max(least, known),
                        upTo: change.canRepeat ? last : min(last, answered ?? last)))
            }
        }
        return slots
    }

    private func examineRevisions(
        _ messages: [Store.Message], of conversation: Symbol, _ examination: inout Examination
    ) {
        var holders: [Int64: Store.Message] = [:]
        for message in messages { holders[message.seq] = message }
        for message in messages where message.rev != message.seq {
            guard let other = holders.updateValue(message, forKey: message.rev), other.seq != message.seq else {
                continue
            }
            let moment = firstSight(of: message, other, in: conversation)
            examination.accuse(
                "conversation \(text(conversation)) has two messages with revision \(message.rev)",
                of: "\(conversation)/rev\(message.rev)", at: moment.at, lines: moment.lines,
                stored: [other, message].map { stored($0, in: conversation) })
        }
        for message in messages where message.rev < message.seq {
            let moment = firstSight(of: message, nil, in: conversation)
            examination.accuse(
                "number \(message.seq) of conversation \(text(conversation)) was changed before it was there",
                of: "\(conversation)/rev\(message.rev)", at: moment.at, lines: moment.lines,
                stored: [stored(message, in: conversation)])
        }
    }

    /// When the messages beside a fault in the numbers were sent, and how.
    func firstSight(
        of message: Store.Message?, _ other: Store.Message?, in conversation: Symbol
    ) -> (at: Moment, lines: [Moment]) {
        let lines = [other, message].compactMap { message -> Moment? in
            guard let content = message?.content else { return nil }
            let key = MessageKey(conversation: conversation, sender: content.sender, id: content.id)
            return ledger.messageOfKey[key].map { ledger.messages[Int($0)].invoked }
        }
        return (lines.last ?? Moment(line: 0, at: 0), lines)
    }

    // MARK: What was seen

    /// For each conversation, the numbers that somebody saw as the last change of a message, with that message.
    private func seenChanges() -> [Symbol: [Int64: Int64]] {
        var seen: [Symbol: [Int64: Int64]] = [:]
        for sighting in ledger.sightings where sighting.rev > sighting.seq {
            seen[sighting.conversation, default: [:]][sighting.rev] = sighting.seq
        }
        return seen
    }

    /// Nobody saw one number at two messages.
    private func seenNumbers() -> Examination {
        var examination = Examination("sightings")
        struct Place: Hashable {
            var conversation: Symbol
            var number: Int64
        }
        var first: [Place: Int32] = [:]
        var accused: Set<Place> = []
        for (index, sighting) in ledger.sightings.enumerated() {
            examination.look()
            for number in Set([sighting.seq, sighting.rev]) {
                let place = Place(conversation: sighting.conversation, number: number)
                guard let known = first[place] else {
                    first[place] = Int32(index)
                    continue
                }
                let earlier = ledger.sightings[Int(known)]
                guard earlier.seq != sighting.seq, accused.insert(place).inserted else { continue }
                examination.accuse(
                    "number \(number) of conversation \(text(sighting.conversation)) was seen at number "
                        + "\(earlier.seq) and at number \(sighting.seq)",
                    of: "\(sighting.conversation)/\(number)", at: sighting.moment,
                    lines: [earlier.moment, sighting.moment])
            }
        }
        return examination
    }
}

extension RequestedChange {
    /// Whether several attempts can each have got a number: an edit names the text that it replaces, and a deletion is
    /// final.
    var canRepeat: Bool {
        switch action {
        case .edit, .delete: false
        case .react, .unreact: true
        }
    }
}
