import ChatContracts

extension RemoveReaction: EntryCommand {
    var tells: Bool { false }

    func apply(to entry: Message, number: Int64, now: Timestamp, mentions: [Mention]) -> EntryOutcome {
        if let fault = entry.reactionRefusal { return .refused(fault) }
        var entry = entry
        guard let place = entry.reactions.firstIndex(where: { $0.emoji == emoji }),
            let user = entry.reactions[place].users.firstIndex(of: user)
        else { return .unchanged }
        // A copy of this command that arrives behind a newer reaction must not take that one back.
        guard entry.lastReaction <= rev else { return .refused(.conflict(entry)) }
        entry.reactions[place].users.remove(at: user)
        if entry.reactions[place].users.isEmpty { entry.reactions.remove(at: place) }
        entry.lastReaction = number
        entry.lastWithdrawal = number
        return .changed(entry)
    }
}
