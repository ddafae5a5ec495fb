import FaultHistory

/// The part of I18 about reactions: whether somebody's reaction is there is decided by the last thing that they were told
/// about it, or by what came at the same time or ended unknown.
extension Trial {
    /// A message has at most this many different reactions.
    static let kindsOfReactions = 16

    func reactions() -> Examination {
        guard let store else { return .undecided("reactions", Self.noFinalRead) }
        var examination = Examination("reactions")
        for (entry, indices) in ledger.changesOfEntry {
            guard let found = store.conversations[entry.conversation]?.message(entry.seq), !found.state.isDeleted else {
                continue
            }
            var asked: [EntryState.Reaction: [Attempt]] = [:]
            for index in indices {
                let change = ledger.changes[Int(index)]
                let (emoji, isThere): (Symbol, Bool)
                switch change.action {
                case .react(let symbol): (emoji, isThere) = (symbol, true)
                case .unreact(let symbol): (emoji, isThere) = (symbol, false)
                case .edit, .delete: continue
                }
                for attempt in change.attempts.map({ ledger.operations[Int($0)] }) where attempt.outcome != .refused {
                    asked[EntryState.Reaction(emoji: emoji, user: change.user), default: []].append(
                        Attempt(
                            isThere: isThere, invoked: attempt.invoked,
                            answered: attempt.outcome == .acknowledged ? attempt.answered : nil))
                }
            }
            for (reaction, attempts) in asked {
                examination.look()
                let isThere = found.state.reactions.contains(reaction)
                guard !outcomes(of: attempts).contains(isThere) else { continue }
                let last = attempts.last { $0.isThere != isThere }
                examination.accuse(
                    "the reaction \(text(reaction.emoji)) of user \(text(reaction.user)) to number \(entry.seq) of "
                        + "conversation \(text(entry.conversation)) is \(isThere ? "" : "not ")there",
                    of: "\(entry.conversation)/\(entry.seq)/\(reaction.user)/\(reaction.emoji)",
                    at: last?.invoked ?? Moment(line: 0, at: 0),
                    lines: last.map { [$0.invoked] + ($0.answered.map { [$0] } ?? []) } ?? [],
                    stored: [stored(found, in: entry.conversation)])
            }
        }
        for (conversation, found) in store.inOrder {
            for message in found.messages where !message.state.reactions.isEmpty {
                examination.look()
                let kinds = Set(message.state.reactions.map(\.emoji)).count
                guard kinds > Self.kindsOfReactions else { continue }
                examination.accuse(
                    "number \(message.seq) of conversation \(text(conversation)) has \(kinds) different reactions",
                    of: "\(conversation)/\(message.seq)", at: Moment(line: 0, at: 0), lines: [],
                    stored: [stored(message, in: conversation)])
            }
        }
        return examination
    }

    /// One attempt to have a reaction there or not.
    private struct Attempt {
        var isThere: Bool
        var invoked: Moment
        /// Nil if nobody knows whether it was carried out.
        var answered: Moment?
    }

    /// How it may have ended: what any of them wanted that may have been the last, and nothing if none surely happened.
    private func outcomes(of attempts: [Attempt]) -> Set<Bool> {
        var outcomes: Set<Bool> = []
        var latest: Moment?
        for attempt in attempts where attempt.answered != nil {
            latest = max(latest ?? attempt.invoked, attempt.invoked)
        }
        if latest == nil { outcomes.insert(false) }
        for attempt in attempts {
            // An acknowledged one was over before a later one that was acknowledged as well began.
            if let answered = attempt.answered, let latest, latest > answered { continue }
            outcomes.insert(attempt.isThere)
        }
        return outcomes
    }
}
