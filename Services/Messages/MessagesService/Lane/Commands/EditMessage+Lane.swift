import ChatContracts

extension EditMessage: EntryCommand {
    func apply(to entry: Message, number: Int64, now: Timestamp, mentions: [Mention]) -> EntryOutcome {
        if let fault = entry.editRefusal(for: user) { return .refused(fault) }
        if entry.text == text { return .unchanged }
        guard entry.textRev == rev else { return .refused(.conflict(entry)) }
        var entry = entry
        entry.rememberOriginal()
        entry.text = text
        entry.mentions = mentions
        entry.edit = MessageEdit(at: now, rev: number)
        return .changed(entry)
    }
}

extension Message {
    /// To be called before the text goes, so that a repeat of the send is still known as one.
    mutating func rememberOriginal() {
        if original == nil { original = ContentDigest(text: text, replyTo: replyTo?.seq) }
    }

    /// Whether a command is the one that sent this message, whatever became of it since.
    func wasSent(by command: SendMessage) -> Bool {
        guard let original else { return text == command.text && replyTo?.seq == command.replyTo }
        return original == ContentDigest(text: command.text, replyTo: command.replyTo)
    }
}
