import ChatContracts

extension DeleteMessage: EntryCommand {
    var tells: Bool { false }

    func apply(to entry: Message, number: Int64, now: Timestamp, mentions: [Mention]) -> EntryOutcome {
        if let fault = entry.changeRefusal(for: user) { return .refused(fault) }
        guard !entry.isDeleted else { return .unchanged }
        var entry = entry
        entry.rememberOriginal()
        entry.text = ""
        entry.edit = nil
        entry.replyTo = nil
        entry.mentions = []
        entry.reactions = []
        entry.lastReaction = 0
        entry.lastWithdrawal = 0
        entry.isDeleted = true
        return .changed(entry)
    }

    func response(_ entry: Message) -> LaneResponse { .changed(entry) }
}
