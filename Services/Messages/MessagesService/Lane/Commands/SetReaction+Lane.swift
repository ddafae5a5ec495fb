import ChatContracts

extension SetReaction: EntryCommand {
    func apply(to entry: Message, number: Int64, now: Timestamp, mentions: [Mention]) -> EntryOutcome {
        if let fault = entry.reactionRefusal { return .refused(fault) }
        let place = entry.reactions.firstIndex { $0.emoji == emoji }
        if let place, entry.reactions[place].users.contains(user) { return .unchanged }
        // A copy of this command that arrives behind the withdrawal of its reaction must not set it again. Whose reaction
        // was withdrawn is not stored, so the withdrawal of another one refuses it, too, and the client asks again.
        guard entry.lastWithdrawal <= rev else { return .refused(.conflict(entry)) }
        guard place != nil || entry.reactions.count < Limits.reactionKinds else {
            return .refused(
                Fault(
                    .invalid, "A message takes at most \(Limits.reactionKinds) kinds of reactions.", field: "emoji"))
        }
        guard entry.reactions.reduce(0, { $0 + $1.users.count }) < Limits.reactions else {
            return .refused(
                Fault(.invalid, "A message takes at most \(Limits.reactions) reactions.", field: "emoji"))
        }
        var entry = entry
        if let place {
            entry.reactions[place].users.append(user)
        } else {
            entry.reactions.append(Reaction(emoji: emoji, users: [user]))
        }
        entry.lastReaction = number
        return .changed(entry)
    }
}
