import FaultChecker
import FaultHistory

/// One thing that is made wrong in a run with every kind of change.
enum ChangeMutation: String, CaseIterable, Sendable, HistoryMutation {
    case storeLosesAnEdit, storeResurrectsADeletion, tombstoneKeepsAReaction, storeLosesAReaction, storeInventsAReaction
    case storeLosesAQuote, numberIsUsedTwice, numberIsMissing, markerIsMissing, markerIsUnfinished
    case replacedMarkerIsMissing, replacedMarkerKeepsAText, lastMarkerIsSpent, lastMarkerSaysAnotherText
    case markerSkipsAChange, countIsOff, sentIsOff, readOfOthersIsOff, tombstoneIsInTheCounts, summaryIsOld
    case editOfNobody, refusedEditIsStored, bothEditsWin, changeAfterDeletion, conflictShowsTheOldText
    case tombstoneIsCounted, unreadIsLost
    case viewMissesTheLastChange, viewGoesBack, viewShowsAnotherText, viewOfANumberTwice, viewResurrects
    case pageIsOld, catchUpMissesOne, catchUpBringsAnOldOne

    /// The invariants that have to be violated by it, at least.
    var violates: Set<Invariant> {
        switch self {
        case .storeLosesAnEdit: [.changes, .stability]
        case .storeResurrectsADeletion, .tombstoneKeepsAReaction, .storeLosesAReaction, .storeLosesAQuote: [.changes]
        case .storeInventsAReaction: [.noPhantom]
        case .numberIsUsedTwice, .numberIsMissing, .markerIsMissing, .markerIsUnfinished: [.contiguity]
        case .replacedMarkerIsMissing, .replacedMarkerKeepsAText, .lastMarkerIsSpent, .lastMarkerSaysAnotherText,
            .markerSkipsAChange:
            [.contiguity]
        case .countIsOff, .sentIsOff, .readOfOthersIsOff, .tombstoneIsInTheCounts, .summaryIsOld:
            [.unread]
        case .editOfNobody: [.noPhantom]
        case .refusedEditIsStored: [.noPhantom]
        case .bothEditsWin, .changeAfterDeletion, .conflictShowsTheOldText: [.changes]
        case .tombstoneIsCounted, .unreadIsLost: [.unread]
        case .viewMissesTheLastChange: [.convergence]
        case .viewGoesBack: [.view]
        case .viewShowsAnotherText: [.agreement, .noPhantom]
        case .viewOfANumberTwice: [.contiguity]
        case .viewResurrects: [.changes]
        case .pageIsOld, .catchUpMissesOne, .catchUpBringsAnOldOne: [.stability]
        }
    }

    /// Makes it wrong somewhere; false if this run has no place for it.
    func apply(to records: inout [Record], _ final: inout FinalState, using random: inout SeededGenerator) -> Bool {
        var stored = final.conversations[0]
        defer { final.conversations[0] = stored }
        return mutateStore(records, &stored, using: &random) ?? mutateMarkers(&stored, using: &random)
            ?? mutateCounts(&stored, using: &random) ?? mutateAnswers(&records, stored, using: &random)
            ?? mutateSummaries(&records, stored, using: &random) ?? mutateViews(&records, stored, using: &random)
            ?? mutateReads(&records, using: &random) ?? false
    }

    // MARK: What is stored

    private func mutateStore(
        _ records: [Record], _ stored: inout StoredConversation, using random: inout SeededGenerator
    ) -> Bool? {
        func pick(_ fits: (SeenMessage) -> Bool) -> Int? {
            stored.messages.indices.filter { fits(stored.messages[$0]) }.randomElement(using: &random)
        }
        switch self {
        case .storeLosesAnEdit:
            let edits = acknowledged(.edit, in: records)
            guard
                let index = pick({ message in
                    message.state?.edit == message.rev
                        && edits.contains { $0.seq == message.seq && $0.hash == message.hash }
                })
            else { return false }
            let message = stored.messages[index]
            guard let sent = firstVersion(of: message.seq, in: records) else { return false }
            stored.markers?.removeAll { $0.seq == message.seq }
            stored.messages[index] = sent
        case .storeResurrectsADeletion:
            guard let index = pick({ $0.state?.deleted == true }),
                let sent = firstVersion(of: stored.messages[index].seq, in: records)
            else { return false }
            stored.messages[index].hash = sent.hash
            stored.messages[index].state = sent.state
        case .tombstoneKeepsAReaction:
            guard let index = pick({ $0.state?.deleted == true }) else { return false }
            stored.messages[index].state = Alterations(deleted: true, reactions: ["👍": ["ben"]])
        case .storeLosesAReaction:
            guard let (index, emoji, user) = certainReaction(records, stored, using: &random) else { return false }
            stored.messages[index].state = changed(stored.messages[index]) { $0[emoji]?.removeAll { $0 == user } }
        case .storeInventsAReaction:
            guard let index = pick({ $0.state?.deleted != true }) else { return false }
            stored.messages[index].state = changed(stored.messages[index]) { $0["🦄"] = ["ben"] }
        case .storeLosesAQuote:
            let deleted = Set(changes(in: records).filter { $0.action == .delete }.map(\.seq))
            guard
                let index = pick({ message in
                    message.state?.replyTo.map { !deleted.contains($0) } ?? false
                })
            else { return false }
            let state = stored.messages[index].state
            stored.messages[index].state = Alterations(edit: state?.edit, reactions: state?.reactions ?? [:])
        case .numberIsUsedTwice:
            guard let index = pick({ $0.rev > $0.seq }), let other = pick({ $0.rev == $0.seq && $0.seq > 1 }),
                index != other
            else { return false }
            stored.messages[index].rev = stored.messages[other].seq
        case .numberIsMissing:
            guard let head = stored.head else { return false }
            stored.head = head + 1
        case .markerIsMissing:
            guard let marker = stored.markers?.indices.randomElement(using: &random) else { return false }
            stored.markers?.remove(at: marker)
        case .markerIsUnfinished:
            guard let index = pick({ _ in true }) else { return false }
            guard let head = stored.head else { return false }
            stored.head = head + 1
            stored.markers?.append(.init(number: head + 1, seq: stored.messages[index].seq))
        default: return nil
        }
        return true
    }

    private func changed(_ message: SeenMessage, _ body: (inout [String: [String]]) -> Void) -> Alterations? {
        var reactions = message.state?.reactions ?? [:]
        body(&reactions)
        return Alterations(edit: message.state?.edit, reactions: reactions, replyTo: message.state?.replyTo)
    }

    /// A stored reaction that was acknowledged and that nobody may have taken away.
    private func certainReaction(
        _ records: [Record], _ stored: StoredConversation, using random: inout SeededGenerator
    ) -> (index: Int, emoji: String, user: String)? {
        let asked = changes(in: records)
        let certain = acknowledged(.react, in: records)
        var found: [(index: Int, emoji: String, user: String)] = []
        for (index, message) in stored.messages.enumerated() {
            for (emoji, users) in message.state?.reactions ?? [:] {
                for user in users {
                    func isIt(_ change: ChangeInvoked) -> Bool {
                        change.seq == message.seq && change.emoji == emoji && change.user == user
                    }
                    if certain.contains(where: isIt), !asked.contains(where: { isIt($0) && $0.action == .unreact }) {
                        found.append((index, emoji, user))
                    }
                }
            }
        }
        return found.sorted { ($0.index, $0.emoji, $0.user) < ($1.index, $1.emoji, $1.user) }
            .randomElement(using: &random)
    }

    // MARK: What was answered

    private func mutateAnswers(
        _ records: inout [Record], _ stored: StoredConversation, using random: inout SeededGenerator
    ) -> Bool? {
        switch self {
        case .editOfNobody, .refusedEditIsStored:
            guard
                let edit = changes(in: records).filter({ change in
                    change.action == .edit
                        && stored.messages.contains {
                            $0.seq == change.seq && $0.hash == change.hash && $0.state?.edit == $0.rev
                        }
                }).randomElement(using: &random)
            else { return false }
            let attempts = changes(in: records).filter { $0.id == edit.id }.map(\.op)
            if self == .editOfNobody {
                records.removeAll { operation(of: $0.event).map(attempts.contains) ?? false }
                return true
            }
            for index in records.indices {
                switch records[index].event {
                case .changeAcknowledged(let answer) where attempts.contains(answer.op):
                    records[index].event = .refused(Refused(op: answer.op, status: 503, code: "busy", retryAfter: 1))
                case .unknown(let unknown) where attempts.contains(unknown.op):
                    records[index].event = .refused(Refused(op: unknown.op, status: 503, code: "busy", retryAfter: 1))
                default: continue
                }
            }
        case .bothEditsWin, .changeAfterDeletion, .conflictShowsTheOldText:
            let status = self == .changeAfterDeletion ? 410 : 409
            let asked = changes(in: records)
            let candidates = records.indices.filter { index in
                guard case .refused(let refused) = records[index].event, refused.status == status,
                    let change = asked.first(where: { $0.op == refused.op })
                else { return false }
                switch self {
                case .bothEditsWin:
                    return acknowledged(.edit, in: records).contains {
                        $0.seq == change.seq && $0.of == change.of && $0.id != change.id
                    }
                case .changeAfterDeletion: return isAfterDeletion(change, in: records)
                default: return true
                }
            }
            guard let index = candidates.randomElement(using: &random),
                case .refused(var refused) = records[index].event
            else { return false }
            if self == .conflictShowsTheOldText {
                guard let change = asked.first(where: { $0.op == refused.op }), change.of == change.seq else {
                    return false
                }
                refused.present = firstVersion(of: change.seq, in: records)
                records[index].event = .refused(refused)
                return refused.present != nil
            }
            records[index].event = .changeAcknowledged(ChangeAcknowledged(op: refused.op, message: refused.present))
        default: return nil
        }
        return true
    }

    // MARK: What was counted

    private func mutateSummaries(
        _ records: inout [Record], _ stored: StoredConversation, using random: inout SeededGenerator
    ) -> Bool? {
        guard self == .tombstoneIsCounted || self == .unreadIsLost else { return nil }
        let syncs = records.indices.filter { index in
            guard case .syncAnswered(let answer) = records[index].event,
                let summary = answer.summaries?.values.first
            else { return false }
            let user = Scene.user(of: records[index].process)
            return self == .unreadIsLost
                ? summary.unread > 0
                : stored.messages.contains {
                    $0.state?.deleted == true && $0.rev <= summary.head && $0.seq > summary.read && $0.sender != user
                }
        }
        guard let index = syncs.randomElement(using: &random), case .syncAnswered(var answer) = records[index].event,
            let (name, summary) = answer.summaries?.first
        else { return false }
        answer.summaries?[name]?.unread = summary.unread + (self == .unreadIsLost ? -1 : 1)
        records[index].event = .syncAnswered(answer)
        return true
    }

    // MARK: What was shown

    private func mutateViews(
        _ records: inout [Record], _ stored: StoredConversation, using random: inout SeededGenerator
    ) -> Bool? {
        let views = records.indices.filter { if case .viewChanged = records[$0].event { true } else { false } }
        func view(_ index: Int) -> ViewChanged? {
            if case .viewChanged(let view) = records[index].event { view } else { nil }
        }
        switch self {
        case .viewMissesTheLastChange:
            let last = views.filter { index in
                let message = view(index)!.message
                return stored.messages.contains {
                    $0.seq == message.seq && $0.rev == message.rev && $0.rev < end(of: stored)
                }
                    && isShown(message.seq, before: index, in: records)
                    && !hasReload(after: index, in: records)
            }
            guard let index = last.randomElement(using: &random) else { return false }
            records.remove(at: index)
        case .viewGoesBack:
            let shown = views.filter { isShown(view($0)!.message.seq, before: $0, in: records) }
            guard let index = shown.randomElement(using: &random), let changed = view(index),
                let first = firstVersion(of: changed.message.seq, in: records)
            else { return false }
            let again = ViewChanged(conversation: changed.conversation, message: first, via: .stream)
            records.insert(
                Record(at: records[index].at, process: records[index].process, event: .viewChanged(again)),
                at: index + 1)
        case .viewShowsAnotherText:
            let edited = views.filter { index in
                let message = view(index)!.message
                // Somebody else has to have seen it as it was.
                return message.state?.edit != nil
                    && views.contains { $0 != index && view($0)?.message == message }
            }
            guard let index = edited.randomElement(using: &random), var changed = view(index) else { return false }
            changed.message.hash = TextHash.of("another text")
            records[index].event = .viewChanged(changed)
        case .viewOfANumberTwice:
            guard let index = views.randomElement(using: &random), var changed = view(index),
                let other = stored.messages.first(where: {
                    $0.seq > changed.message.rev && $0.seq != changed.message.seq
                })
            else { return false }
            changed.message.rev = other.seq
            records[index].event = .viewChanged(changed)
        case .viewResurrects:
            let deleted = views.filter { view($0)!.message.state?.deleted == true }
            guard let index = deleted.randomElement(using: &random), var changed = view(index),
                let first = firstVersion(of: changed.message.seq, in: records)
            else { return false }
            changed.message.hash = first.hash
            changed.message.state = nil
            changed.message.rev = end(of: stored) + 1
            records.insert(
                Record(at: records[index].at, process: records[index].process, event: .viewChanged(changed)),
                at: index + 1)
        default: return nil
        }
        return true
    }

    // MARK: What was read

    private func mutateReads(_ records: inout [Record], using random: inout SeededGenerator) -> Bool? {
        switch self {
        case .pageIsOld:
            var candidates: [(index: Int, place: Int, old: SeenMessage)] = []
            for index in records.indices {
                guard case .readAnswered(let page) = records[index].event else { continue }
                for (place, message) in page.messages.enumerated() where message.rev > message.seq {
                    guard isSeen(message, before: invocation(of: page.op, in: records), in: records),
                        let old = firstVersion(of: message.seq, in: records)
                    else { continue }
                    candidates.append((index, place, old))
                }
            }
            guard let (index, place, old) = candidates.randomElement(using: &random),
                case .readAnswered(var page) = records[index].event
            else { return false }
            page.messages[place] = old
            records[index].event = .readAnswered(page)
        case .catchUpMissesOne, .catchUpBringsAnOldOne:
            let candidates = records.indices.filter {
                if case .catchUpAnswered(let answer) = records[$0].event { answer.messages.count > 1 } else { false }
            }
            guard let index = candidates.randomElement(using: &random),
                case .catchUpAnswered(var answer) = records[index].event
            else { return false }
            if self == .catchUpMissesOne {
                // One that nothing changed afterwards, so that it surely belongs there.
                guard
                    let place = answer.messages.indices.filter({ isLast(answer.messages[$0], in: records) })
                        .randomElement(using: &random)
                else { return false }
                answer.messages.remove(at: place)
            } else {
                guard
                    case .catchUpInvoked(var invoked)? = records.first(where: { operation(of: $0.event) == answer.op })?
                        .event,
                    let first = records.firstIndex(where: { operation(of: $0.event) == answer.op })
                else { return false }
                invoked.cursor = answer.messages[0].rev
                records[first].event = .catchUpInvoked(invoked)
            }
            records[index].event = .catchUpAnswered(answer)
        default: return nil
        }
        return true
    }
}
