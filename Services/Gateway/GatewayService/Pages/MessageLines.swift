import ChatContracts

/// Messages as a page shows them to somebody.
struct MessageLines {
    let names: NamesOnPage
    /// Whether others are named at their messages.
    let isGroup: Bool
    /// How far the other one has received and read.
    let received: Int64
    let read: Int64
    /// When the other one last read something, if that is known.
    let readAt: Timestamp?
    /// The page's address without a query.
    let path: String

    private var me: UserID { names.me }

    /// - Parameters:
    ///   - readUpTo: How far "me" has read, if something is unread: the line "3 new messages" stands before what comes
    ///     after it.
    ///   - unread: The number in that line.
    ///   - reachesEnd: Whether the newest message is among them.
    func lines(
        _ messages: [Message], readUpTo: Int64?, unread: Int64, reachesEnd: Bool, now: Timestamp = .now
    ) -> [ChatContext.MessageContext] {
        // Where the page does not begin at the read position, the first new message may be on an earlier one.
        let firstNew = readUpTo.flatMap { read in
            (messages.first?.seq ?? 0) <= read + 1
                ? messages.first { $0.sender != me && $0.seq > read && !$0.isDeleted && $0.line == nil }?.seq : nil
        }
        let shown = Set(messages.map(\.seq))
        let startsDay = messages.indices.map { index in
            index == 0 || messages[index - 1].sentAt.dayNumber != messages[index].sentAt.dayNumber
        }
        let looks = MessageRuns.looks(
            of: messages.enumerated().map { index, message in
                MessageRuns.Entry(
                    sender: message.sender, sentAt: message.sentAt, progress: progress(of: message),
                    starts: startsDay[index] || message.seq == firstNew || message.line != nil
                        || index > 0 && messages[index - 1].line != nil)
            })
        // Where newer messages exist, a newer one may be the newest that was read.
        let newestRead =
            reachesEnd ? messages.last { !$0.isDeleted && progress(of: $0) == .read }?.seq : nil
        return messages.enumerated().map { index, message in
            let progress = progress(of: message)
            return ChatContext.MessageContext(
                seq: message.seq, rev: message.rev, mine: message.sender == me,
                look: look(of: message, looks[index], isWorded: message.seq == newestRead),
                author: PageText(names[message.sender]),
                speaker: isGroup && message.sender != me ? speaker(message.sender) : nil,
                face: isGroup && message.sender != me ? names.face(of: message.sender) : nil,
                told: message.line.map { PageText($0.words(by: message.sender, names)) }, text: PageText(message.text),
                formatted: message.formatted.map { FormattedHTML($0, viewer: me).html },
                isDeleted: message.isDeleted, folded: folded(message), sentAt: message.sentAt.description,
                time: message.sentAt.clockText,
                day: startsDay[index] ? message.sentAt.dayName(now: now) : nil,
                newMessages: message.seq == firstNew ? newMessages(unread) : nil,
                clientMessageId: message.clientMessageId.description, editedExact: message.edit?.at.exactText,
                quoted: message.replyTo.map { quote($0, shown: shown) }, hasReactions: !message.reactions.isEmpty,
                reactions: ReactionLines(names: names, seq: message.seq).lines(message.reactions),
                actions: .init(
                    canAnswer: message.reactionRefusal == nil, canChange: message.editRefusal(for: me) == nil),
                state: progress.map {
                    .init($0, readAt: message.seq == newestRead ? readAt : nil, now: now)
                })
        }
    }

    /// The classes that say how a message looks beside the others, each after a space.
    private func look(of message: Message, _ look: MessageRuns.Look, isWorded: Bool) -> String {
        let emoji = message.isDeleted || message.replyTo != nil ? 0 : Emoji.count(in: message.text)
        let isMarked = look.timed || look.ticked || isWorded || (message.edit != nil && !message.isDeleted)
        let names: [(Bool, String)] = [
            (look.first, "first"), (look.last, "last"), (look.timed, "timed"), (look.ticked, "ticked"),
            (isWorded, "worded"), (isGroup && message.sender != me, "faced"), (isMarked, "marked"),
            (emoji > 0, "bare bare-\(emoji)"), (message.mentions(me), "mentions-me"),
        ]
        return names.filter(\.0).map { " \($0.1)" }.joined()
    }

    private func folded(_ message: Message) -> String? {
        isFolded(message.sender) ? ChatContext.MessageContext.foldedWords : nil
    }

    private func isFolded(_ author: UserID) -> Bool { isGroup && names.blocked.contains(author) }

    private func speaker(_ user: UserID) -> ChatContext.SpeakerContext {
        ChatContext.SpeakerContext(speakerName: PageText(names[user]), speakerHue: names.face(of: user).hue)
    }

    private func quote(_ quote: Quote, shown: Set<Int64>) -> ChatContext.QuoteContext {
        ChatContext.QuoteContext(
            href: PageText(shown.contains(quote.seq) ? "#m\(quote.seq)" : "\(path)?at=\(quote.seq)#m\(quote.seq)"),
            quotedAuthor: PageText(names[quote.sender]),
            quotedText: quote.text.map {
                PageText(isFolded(quote.sender) ? ChatContext.MessageContext.foldedWords : $0)
            },
            isQuoteGone: quote.text == nil)
    }

    private func progress(of message: Message) -> MessageProgress? {
        guard message.sender == me, message.line == nil else { return nil }
        return MessageProgress(of: message.seq, received: received, read: read)
    }
}

/// "1 new message", "3 new messages".
func newMessages(_ count: Int64) -> String { count == 1 ? "1 new message" : "\(count) new messages" }
