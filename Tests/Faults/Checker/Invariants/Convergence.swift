/// I11: a connected tab has everything: half a minute after a fault is healed, and at the end.
extension Trial {
    func convergence() -> [Examination] { [afterHealing(), atTheEnd()] }

    private func afterHealing() -> Examination {
        guard let store else { return .undecided("after healing", Self.noFinalRead) }
        var examination = Examination("after healing")
        for window in windows {
            guard let healed = window.healed else { continue }
            let deadline = healed.at + Int64(tolerance.convergence * 1e9)
            // Who is disturbed again, or no longer watched, is owed nothing by then.
            let disturbedAgain = windows.contains { $0.injections.contains { $0 > healed && $0.at <= deadline } }
            guard !disturbedAgain, deadline <= ledger.last.at else { continue }
            for (name, tab) in ledger.tabs.sorted(by: { $0.key < $1.key }) {
                guard
                    tab.stays.contains(where: {
                        $0.covers(deadline, since: tolerance.settling) && !hasEnded($0.session, by: deadline)
                    })
                else { continue }
                for (conversation, found) in store.inOrder where found.members[tab.user] != nil {
                    guard let due = ledger.heads[conversation]?.before(healed) else { continue }
                    examination.look()
                    let feed = ledger.feeds[FeedKey(tab: name, conversation: conversation)] ?? []
                    if has(feed, reached: due.seq, by: deadline) { continue }
                    examination.accuse(
                        "tab \(text(name)) was connected and did not show number \(due.seq) of conversation "
                            + "\(text(conversation)) within \(Numbers.seconds(tolerance.convergence)) of the healing",
                        of: "\(conversation)/\(name)", at: healed,
                        lines: [due.moment, healed] + lastShown(in: feed))
                }
            }
        }
        return examination
    }

    private func atTheEnd() -> Examination {
        guard let store else { return .undecided("at the end", Self.noFinalRead) }
        var examination = Examination("at the end")
        for (name, tab) in ledger.tabs.sorted(by: { $0.key < $1.key }) where tab.closed == nil {
            guard let stay = tab.stays.last, stay.disconnected == nil,
                stay.covers(ledger.last.at, since: tolerance.settling), !hasEnded(stay.session, by: ledger.last.at)
            else { continue }
            for (conversation, found) in store.inOrder where found.members[tab.user] != nil && found.head > 0 {
                examination.look()
                let feed = ledger.feeds[FeedKey(tab: name, conversation: conversation)] ?? []
                if has(feed, reached: found.head, by: .max) {
                    compare(feed, with: found, of: conversation, on: name, &examination)
                    continue
                }
                examination.accuse(
                    "tab \(text(name)) is connected and does not show number \(found.head), the last of conversation "
                        + text(conversation),
                    of: "\(conversation)/\(name)",
                    at: ledger.heads[conversation]?.steps.last?.moment ?? stay.connected,
                    lines: [stay.connected] + lastShown(in: feed), stored: [storedEnd(of: conversation)])
            }
        }
        return examination
    }

    /// Whether nothing is owed any more to the tabs of a session.
    private func hasEnded(_ session: Symbol, by deadline: Int64) -> Bool {
        ledger.endOfSession[session].map { $0.at <= deadline } ?? false
    }

    private func has(_ feed: [FeedEntry], reached number: Int64, by deadline: Int64) -> Bool {
        for entry in feed {
            switch entry {
            case .shown(let index), .changed(let index):
                let sighting = ledger.sightings[Int(index)]
                if sighting.moment.at > deadline { return false }
                if max(sighting.seq, sighting.rev) >= number { return true }
            case .reset(_, let head, let moment):
                if moment.at > deadline { return false }
                if head >= number { return true }
            }
        }
        return false
    }

    /// Whether a tab that followed everything shows what somebody would who loads the page now.
    private func compare(
        _ feed: [FeedEntry], with found: Store.Conversation, of conversation: Symbol, on name: Symbol,
        _ examination: inout Examination
    ) {
        guard ledger.conversationsWithChanges.contains(conversation) else { return }
        var shown: [Int64: Sighting] = [:]
        for entry in feed {
            switch entry {
            case .reset: shown.removeAll(keepingCapacity: true)
            case .shown(let index):
                let sighting = ledger.sightings[Int(index)]
                shown[sighting.seq] = sighting
            case .changed(let index):
                let sighting = ledger.sightings[Int(index)]
                if shown[sighting.seq] != nil { shown[sighting.seq] = sighting }
            }
        }
        for message in found.messages where message.seq > shown.keys.min() ?? .max && shown[message.seq] == nil {
            examination.accuse(
                "tab \(text(name)) is connected and does not show number \(message.seq) of conversation "
                    + text(conversation),
                of: "\(conversation)/\(name)/\(message.seq)",
                at: ledger.births[conversation]?[message.seq] ?? ledger.last, lines: lastShown(in: feed),
                stored: [stored(message, in: conversation)])
        }
        for (seq, sighting) in shown.sorted(by: { $0.key < $1.key }) {
            guard let message = found.message(seq), message.rev > sighting.rev else { continue }
            examination.accuse(
                "tab \(text(name)) is connected and shows number \(seq) of conversation \(text(conversation)) as "
                    + "changed by \(sighting.rev), not by \(message.rev)",
                of: "\(conversation)/\(name)/\(seq)", at: sighting.moment, lines: [sighting.moment],
                stored: [stored(message, in: conversation)])
        }
    }

    private func lastShown(in feed: [FeedEntry]) -> [Moment] {
        switch feed.last {
        case .shown(let index), .changed(let index): [ledger.sightings[Int(index)].moment]
        case .reset(_, _, let moment): [moment]
        case nil: []
        }
    }
}

extension Tab.Stay {
    /// Whether the stream was open at a time, and had been for some seconds.
    func covers(_ at: Int64, since seconds: Double) -> Bool {
        connected.at + Int64(seconds * 1e9) <= at && disconnected?.at ?? .max > at
    }
}
