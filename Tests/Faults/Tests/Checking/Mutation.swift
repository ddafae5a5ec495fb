import FaultChecker
import FaultHistory

/// One thing that is made wrong in a run without faults.
enum Mutation: String, CaseIterable, Sendable, HistoryMutation {
    case storeLosesOne, storeSwapsTwo, storeDoublesOne, storeRenumbers, storeChangesText, storeInventsOne
    case answerNamesAnotherNumber, answerBecomesRefusal, secondAnswerDiffers, numbersOfATabAreExchanged
    case viewIsMissing, viewIsRepeated, viewsAreSwapped, lastViewIsMissing, viewShowsAnother, viewOfAStranger
    case pageEndsEarly, pageHasAHole, syncEndsEarly
    case endedSessionIsAccepted, accountIsDoubled, goodMessageIsDeadLettered, queueStaysFull

    /// The invariants that have to be violated by it, at least.
    var violates: Set<Invariant> {
        switch self {
        case .storeLosesOne: [.durability, .stability]
        case .storeSwapsTwo: [.durability, .agreement]
        case .storeDoublesOne: [.atMostOnce]
        case .storeRenumbers: [.durability, .contiguity]
        case .storeChangesText: [.durability, .noPhantom, .agreement]
        case .storeInventsOne: [.noPhantom, .convergence]
        case .answerNamesAnotherNumber: [.durability]
        case .answerBecomesRefusal: [.noPhantom]
        case .secondAnswerDiffers: [.idempotentAnswer]
        case .numbersOfATabAreExchanged: [.realTimeOrder, .senderOrder]
        case .viewIsMissing, .viewsAreSwapped: [.view]
        case .viewIsRepeated: [.view, .atMostOnce]
        case .lastViewIsMissing: [.convergence]
        case .viewShowsAnother: [.agreement]
        case .viewOfAStranger: [.isolation]
        case .pageEndsEarly, .pageHasAHole, .syncEndsEarly: [.stability]
        case .endedSessionIsAccepted, .accountIsDoubled: [.uniqueness]
        case .goodMessageIsDeadLettered: [.noSilentDrop]
        case .queueStaysFull: [.recovery]
        }
    }

    /// Makes it wrong somewhere; false if this run has no place for it.
    func apply(to records: inout [Record], _ final: inout FinalState, using random: inout SeededGenerator) -> Bool {
        let chat = Int.random(in: 0..<final.conversations.count, using: &random)
        guard final.conversations[chat].messages.count > 5 else { return false }
        return mutateStore(chat, &final, using: &random) ?? mutateSends(&records, using: &random)
            ?? mutateViews(&records, using: &random) ?? mutateReads(&records, using: &random)
            ?? mutateRest(chat, &records, &final, using: &random)
    }

    private func mutateStore(
        _ chat: Int, _ final: inout FinalState, using random: inout SeededGenerator
    ) -> Bool? {
        let name = final.conversations[chat].conversation
        var messages = final.conversations[chat].messages
        let index = Int.random(in: 1..<messages.count - 1, using: &random)
        switch self {
        case .storeLosesOne: messages.remove(at: index)
        case .storeSwapsTwo:
            messages.swapAt(index, index + 1)
            messages[index].seq -= 1
            messages[index].rev -= 1
            messages[index + 1].seq += 1
            messages[index + 1].rev += 1
        case .storeDoublesOne:
            var copy = messages[index]
            copy.seq = Int64(messages.count + 1)
            copy.rev = copy.seq
            messages.append(copy)
        case .storeRenumbers:
            for later in index..<messages.count {
                messages[later].seq += 1
                messages[later].rev += 1
            }
        case .storeChangesText: messages[index].hash = TextHash.of("another text")
        case .storeInventsOne:
            let seq = Int64(messages.count + 1)
            messages.append(
                SeenMessage(
                    seq: seq, rev: seq, sender: messages[0].sender, id: "of nobody in \(name)", hash: TextHash.of("")))
        default: return nil
        }
        final.conversations[chat].messages = messages
        return true
    }

    private func mutateSends(_ records: inout [Record], using random: inout SeededGenerator) -> Bool? {
        let answers = records.indices.filter { if case .sendAcknowledged = records[$0].event { true } else { false } }
        let index = answers.randomElement(using: &random)!
        guard case .sendAcknowledged(var answer) = records[index].event else { return false }
        switch self {
        case .answerNamesAnotherNumber:
            answer.seq += answer.seq > 1 ? -1 : 1
            records[index].event = .sendAcknowledged(answer)
        case .answerBecomesRefusal:
            let attempts = records.filter {
                if case .sendInvoked(let send) = $0.event { send.id == answer.id } else { false }
            }
            // What was tried before may have been stored.
            guard attempts.count == 1 else { return false }
            records[index].event = .refused(Refused(op: answer.op, status: 503, code: "busy", retryAfter: 1))
        case .secondAnswerDiffers:
            guard
                let first = records.first(where: { record in
                    if case .sendInvoked(let send) = record.event { send.op == answer.op } else { false }
                }), case .sendInvoked(var send) = first.event
            else { return false }
            send.op = 1_000_000
            send.attempt += 1
            answer.op = send.op
            answer.seq += 1
            let again = [Event.sendInvoked(send), .sendAcknowledged(answer)]
            records.insert(
                contentsOf: again.map { Record(at: records[index].at, process: first.process, event: $0) },
                at: index + 1)
        case .numbersOfATabAreExchanged: return exchangeNumbers(after: index, &records)
        default: return nil
        }
        return true
    }

    /// The answers to two messages that a tab sent one after the other change places.
    private func exchangeNumbers(after index: Int, _ records: inout [Record]) -> Bool {
        guard case .sendAcknowledged(var one) = records[index].event else { return false }
        let process = records[index].process
        for next in records.indices[(index + 1)...] where records[next].process == process {
            guard case .sendAcknowledged(var other) = records[next].event else { continue }
            (one.seq, other.seq) = (other.seq, one.seq)
            (one.rev, other.rev) = (other.rev, one.rev)
            records[index].event = .sendAcknowledged(one)
            records[next].event = .sendAcknowledged(other)
            return true
        }
        return false
    }

    private func mutateViews(_ records: inout [Record], using random: inout SeededGenerator) -> Bool? {
        let views = records.indices.filter { if case .viewed = records[$0].event { true } else { false } }
        let index = views.randomElement(using: &random)!
        guard case .viewed(var view) = records[index].event else { return false }
        func isOfSameFeed(_ other: Int) -> Bool {
            guard records[other].process == records[index].process, case .viewed(let next) = records[other].event
            else { return false }
            return next.conversation == view.conversation
        }
        let later = views.first { $0 > index && isOfSameFeed($0) }
        switch self {
        case .viewIsMissing:
            guard later != nil else { return false }
            records.remove(at: index)
        case .viewIsRepeated:
            records.insert(records[index], at: index + 1)
        case .viewsAreSwapped:
            guard let later else { return false }
            let event = records[index].event
            records[index].event = records[later].event
            records[later].event = event
        case .lastViewIsMissing: records.remove(at: views.last { isOfSameFeed($0) }!)
        case .viewShowsAnother:
            view.id = "another"
            records[index].event = .viewed(view)
        case .viewOfAStranger:
            let connected = TabConnected(user: "eve", session: "s.eve", gateway: "g1")
            records.insert(
                contentsOf: [
                    Record(at: records[index].at, process: "eve.1", event: .tabConnected(connected)),
                    Record(at: records[index].at, process: "eve.1", event: .viewed(view)),
                ], at: index + 1)
        default: return nil
        }
        return true
    }

    private func mutateReads(_ records: inout [Record], using random: inout SeededGenerator) -> Bool? {
        switch self {
        case .pageEndsEarly, .pageHasAHole:
            let pages = records.indices.filter {
                if case .readAnswered(let answer) = records[$0].event { answer.messages.count > 2 } else { false }
            }
            guard let index = pages.randomElement(using: &random), case .readAnswered(var page) = records[index].event
            else { return false }
            page.messages.remove(at: self == .pageHasAHole ? 1 : page.messages.count - 1)
            records[index].event = .readAnswered(page)
        case .syncEndsEarly:
            let syncs = records.indices.filter {
                if case .syncAnswered(let answer) = records[$0].event {
                    answer.cursors.values.first! > 1
                } else {
                    false
                }
            }
            guard let index = syncs.randomElement(using: &random), case .syncAnswered(var sync) = records[index].event
            else { return false }
            sync.cursors = sync.cursors.mapValues { _ in 0 }
            records[index].event = .syncAnswered(sync)
        default: return nil
        }
        return true
    }

    private func mutateRest(
        _ chat: Int, _ records: inout [Record], _ final: inout FinalState, using random: inout SeededGenerator
    ) -> Bool {
        switch self {
        case .endedSessionIsAccepted:
            guard
                let index = records.firstIndex(where: {
                    if case .refused(let refused) = $0.event { refused.status == 401 } else { false }
                }), case .refused(let refused) = records[index].event
            else { return false }
            records[index].event = .requestAcknowledged(RequestAcknowledged(op: refused.op))
        case .accountIsDoubled:
            let account = final.accounts.randomElement(using: &random)!
            final.accounts.append(StoredAccount(user: "twin", username: account.username.uppercased()))
        case .goodMessageIsDeadLettered:
            let message = final.conversations[chat].messages.randomElement(using: &random)!
            final.deadLetters.append(
                DeadLetter(
                    queue: "d", reason: "delivery_limit", hash: "1",
                    conversation: final.conversations[chat].conversation, sender: message.sender, id: message.id))
        case .queueStaysFull: final.queues[0].ready = 1
        default: return false
        }
        return true
    }
}
