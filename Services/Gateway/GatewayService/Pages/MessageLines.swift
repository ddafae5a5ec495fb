import ChatContracts

/// Messages as a page shows them to one of two people.
struct MessageLines {
    let me: UserID
    let other: User
    /// How far the other one has received and read.
    let received: Int64
    let read: Int64
    /// The page's address without a query.
    let path: String

    /// - Parameters:
    ///   - readUpTo: How far "me" has read, if something is unread: the line "3 new messages" stands before what comes
    ///     after it.
    ///   - unread: The number in that line.
    func lines(_ messages: [Message], readUpTo: Int64?, unread: Int64) -> [ChatContext.MessageContext] {
        var day: Int64?
        // Where the page does not begin at the read position, the first new message may be on an earlier one.
        let firstNew = readUpTo.flatMap { read in
            (messages.first?.seq ?? 0) <= read + 1
                ? messages.first { $0.sender != me && $0.seq > read && !$0.isDeleted }?.seq : nil
        }
        let shown = Set(messages.map(\.seq))
        return messages.map { message in
            let isMine = message.sender == me
            defer { day = message.sentAt.dayNumber }
            return ChatContext.MessageContext(
                seq: message.seq, rev: message.rev, mine: isMine,
                author: author(message.sender), text: PageText(message.text),
                isDeleted: message.isDeleted, sentAt: message.sentAt.description, time: message.sentAt.clockText,
                day: day == message.sentAt.dayNumber ? nil : message.sentAt.dayText,
                newMessages: message.seq == firstNew ? newMessages(unread) : nil,
                clientMessageId: message.clientMessageId.description, editedExact: message.edit?.at.exactText,
                quoted: message.replyTo.map { quote($0, shown: shown) }, hasReactions: !message.reactions.isEmpty,
                reactions: ReactionLines(me: me, other: other, seq: message.seq).lines(message.reactions),
                actions: .init(
                    canAnswer: message.reactionRefusal == nil, canChange: message.editRefusal(for: me) == nil),
                state: isMine ? state(of: message.seq) : nil)
        }
    }

    private func author(_ user: UserID) -> PageText { user == me ? "You" : PageText(other.displayName) }

    private func quote(_ quote: Quote, shown: Set<Int64>) -> ChatContext.QuoteContext {
        ChatContext.QuoteContext(
            href: PageText(shown.contains(quote.seq) ? "#m\(quote.seq)" : "\(path)?at=\(quote.seq)#m\(quote.seq)"),
            quotedAuthor: author(quote.sender), quotedText: quote.text.map { PageText($0) },
            isQuoteGone: quote.text == nil)
    }

    private func state(of seq: Int64) -> String {
        if seq <= read { return "Read" }
        return seq <= received ? "Delivered" : "Sent"
    }
}

/// "1 new message", "3 new messages".
func newMessages(_ count: Int64) -> String { count == 1 ? "1 new message" : "\(count) new messages" }
