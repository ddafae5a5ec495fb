import FaultHistory

/// I13: only members receive anything of a conversation, and an ended session receives nothing.
extension Trial {
    func isolation() -> [Examination] {
        [membership(), streamsOfEndedSessions(), readsOfEndedSessions()]
            + groupExaminations().filter { $0.examined > 0 }
    }

    private func membership() -> Examination {
        guard let store else { return .undecided("membership", Self.noFinalRead) }
        var examination = Examination("membership")
        func examine(_ user: Symbol, _ conversation: Symbol, _ what: String, _ lines: [Moment], _ moment: Moment) {
            examination.look()
            guard let found = store.conversations[conversation], found.members[user] == nil else { return }
            examination.accuse(
                "user \(text(user)) is no member of conversation \(text(conversation)) and \(what)",
                of: "\(conversation)/\(user)", at: moment, lines: lines,
                stored: [
                    "stored: conversation \(text(conversation)) has members "
                        + found.members.values.map(\.user).sorted().joined(separator: ", ")
                ])
        }
        for (key, feed) in ledger.feedsInOrder {
            guard let user = ledger.tabs[key.tab]?.user ?? ledger.users[key.tab],
                let index = feed.lazy.compactMap(\.sighting).first
            else { continue }
            let moment = ledger.sightings[Int(index)].moment
            examine(user, key.conversation, "saw its messages", [moment], moment)
        }
        for page in ledger.pages where !page.messages.isEmpty {
            let operation = ledger.operations[Int(page.operation)]
            guard let answered = operation.answered else { continue }
            examine(page.user, page.conversation, "got a page of it", [operation.invoked, answered], answered)
        }
        for sync in ledger.syncs {
            let operation = ledger.operations[Int(sync.operation)]
            guard let answered = operation.answered else { continue }
            for (conversation, _) in sync.cursors {
                examine(sync.user, conversation, "was told of it", [operation.invoked, answered], answered)
            }
        }
        for catchUp in ledger.catchUps {
            let operation = ledger.operations[Int(catchUp.operation)]
            guard let answer = catchUp.answer, !answer.messages.isEmpty, let answered = operation.answered else {
                continue
            }
            examine(
                catchUp.user, catchUp.conversation, "caught up with it", [operation.invoked, answered], answered)
        }
        for change in ledger.changes {
            guard let (moment, _) = change.acknowledgements.first else { continue }
            examine(change.user, change.entry.conversation, "changed it", [change.invoked, moment], moment)
        }
        for message in ledger.messages {
            guard let first = message.acknowledgements.first else { continue }
            let moment = ledger.sightings[Int(first)].moment
            examine(
                message.key.sender, message.key.conversation, "wrote into it", [message.invoked, moment], moment)
        }
        return examination
    }

    private func streamsOfEndedSessions() -> Examination {
        let ends = ledger.endOfSession
        guard !ends.isEmpty else { return .undecided("streams", "no session was ended") }
        var examination = Examination("streams")
        let patience = Int64(tolerance.streamAfterRevocation * 1e9)
        for (name, tab) in ledger.tabs.sorted(by: { $0.key < $1.key }) {
            for stay in tab.stays {
                guard let ended = ends[stay.session] else { continue }
                examination.look()
                if let asked = stay.asked, asked > refused(ended) {
                    examination.accuse(
                        "the session of tab \(text(name)) had ended, and it got a stream",
                        of: "stream/\(stay.session)", at: stay.connected, lines: [ended, stay.connected])
                }
                for (key, feed) in ledger.feeds where key.tab == name {
                    guard let late = firstReceived(feed, during: stay, after: ended, patience: patience) else {
                        continue
                    }
                    examination.accuse(
                        "the session of tab \(text(name)) ended, and \(Numbers.seconds(late.seconds)) later its stream "
                            + "brought a message that was written after that",
                        of: "stream/\(stay.session)", at: late.moment,
                        lines: [stay.connected, ended, late.written, late.moment])
                }
            }
        }
        return examination
    }

    /// The first message that a stream brought too late. What was written before the end may have been under way.
    private func firstReceived(
        _ feed: [FeedEntry], during stay: Tab.Stay, after ended: Moment, patience: Int64
    ) -> (seconds: Double, written: Moment, moment: Moment)? {
        for entry in feed {
            guard let index = entry.sighting else { continue }
            let sighting = ledger.sightings[Int(index)]
            guard case .view(.stream) = sighting.source, sighting.moment > stay.connected,
                sighting.moment.at > ended.at + patience
            else { continue }
            if let disconnected = stay.disconnected, sighting.moment > disconnected { return nil }
            guard let written = firstAsked(sighting), written > ended else { continue }
            return (Double(sighting.moment.at - ended.at) / 1e9, written, sighting.moment)
        }
        return nil
    }

    /// When what was seen can first have come about, if anybody asked for it: a message by being sent, its last change by
    /// the earliest that may have been that one.
    private func firstAsked(_ sighting: Sighting) -> Moment? {
        guard sighting.rev > sighting.seq else { return ledger.message(of: sighting)?.invoked }
        let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
        return changes(of: entry).filter { mayHaveHappened($0, before: sighting.moment) }.map(\.invoked).min()
    }

    private func readsOfEndedSessions() -> Examination {
        acceptedAfterItsEnd([.sync, .read, .catchUp], "reads", "was answered")
    }

    /// Requests that were made after their session had ended, and accepted.
    func acceptedAfterItsEnd(_ asks: Set<Operation.Ask>, _ name: String, _ what: String) -> Examination {
        let ends = ledger.endOfSession
        guard !ends.isEmpty else { return .undecided(name, "no session was ended") }
        var examination = Examination(name)
        for operation in ledger.operations where asks.contains(operation.ask) {
            guard let ended = ends[operation.session], operation.invoked > ended,
                operation.invoked.at > refused(ended), operation.outcome != .open
            else { continue }
            examination.look()
            guard operation.outcome == .acknowledged, let answered = operation.answered else { continue }
            examination.accuse(
                "session \(text(operation.session)) had ended, and \(text(operation.process)) \(what) with it",
                of: "session/\(operation.session)", at: operation.invoked, lines: [ended, operation.invoked, answered])
        }
        return examination
    }
}

extension FeedEntry {
    /// What of the message was seen, unless it is a reset.
    var sighting: Int32? {
        switch self {
        case .shown(let index), .changed(let index): index
        case .reset: nil
        }
    }
}
