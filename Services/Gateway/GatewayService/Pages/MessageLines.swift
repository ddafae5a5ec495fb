import ChatContracts

/// Messages as a page shows them to one of two people.
struct MessageLines {
    let me: UserID
    let other: User
    /// How far the other one has received and read.
    let received: Int64
    let read: Int64

    func lines(_ messages: [Message]) -> [ChatContext.MessageContext] {
        var day: Int64?
        return messages.map { message in
            let isMine = message.sender == me
            defer { day = message.sentAt.dayNumber }
            return ChatContext.MessageContext(
                seq: message.seq, rev: message.rev, mine: isMine,
                author: isMine ? "You" : PageText(other.displayName), text: PageText(message.text),
                sentAt: message.sentAt.description, time: message.sentAt.clockText,
                day: day == message.sentAt.dayNumber ? nil : message.sentAt.dayText,
                clientMessageId: message.clientMessageId.description, state: isMine ? state(of: message.seq) : nil)
        }
    }

    private func state(of seq: Int64) -> String {
        if seq <= read { return "Read" }
        return seq <= received ? "Delivered" : "Sent"
    }
}
