import FaultHistory

extension Scene {
    /// A message of Ada's after changes; its text is the one that was sent unless another is given.
    static func changed(
        _ id: String, seq: Int64, rev: Int64, text: String? = nil, edit: Int64? = nil, deleted: Bool = false,
        reactions: [String: [String]] = [:], replyTo: Int64? = nil
    ) -> SeenMessage {
        SeenMessage(
            seq: seq, rev: rev, sender: "ada", id: id, hash: TextHash.of(deleted ? "" : text ?? id),
            state: Alterations(edit: edit, deleted: deleted, reactions: reactions, replyTo: replyTo))
    }

    /// - Returns: the operation and its line.
    mutating func ask(
        _ action: ChangeInvoked.Action, _ seq: Int64, as id: String, by tab: String = "ada.1", text: String? = nil,
        of number: Int64? = nil, emoji: String? = nil
    ) -> (op: Int64, line: Int) {
        let op = operation()
        let line = add(
            .changeInvoked(
                ChangeInvoked(
                    op: op, conversation: "c", seq: seq, user: Self.user(of: tab), session: tab, gateway: "g1", id: id,
                    attempt: 1, action: action, hash: text.map { TextHash.of($0) }, of: number, emoji: emoji)),
            by: tab)
        return (op, line)
    }

    @discardableResult
    mutating func answer(_ op: Int64, _ message: SeenMessage? = nil, by tab: String = "ada.1") -> Int {
        add(.changeAcknowledged(ChangeAcknowledged(op: op, message: message)), by: tab)
    }

    @discardableResult
    mutating func lose(_ op: Int64, by tab: String = "ada.1") -> Int {
        add(.unknown(OutcomeUnknown(op: op, reason: "timeout")), by: tab)
    }

    /// An edit that is acknowledged at once.
    ///
    /// - Returns: the lines of invocation and answer.
    @discardableResult
    mutating func edit(
        _ id: String, _ seq: Int64, to text: String, of number: Int64, rev: Int64
    ) -> (invoked: Int, answered: Int) {
        let (op, invoked) = ask(.edit, seq, as: text, text: text, of: number)
        return (invoked, answer(op, Self.changed(id, seq: seq, rev: rev, text: text, edit: rev)))
    }

    @discardableResult
    mutating func delete(_ id: String, _ seq: Int64, rev: Int64) -> (invoked: Int, answered: Int) {
        let (op, invoked) = ask(.delete, seq, as: "delete \(id)")
        return (invoked, answer(op, Self.changed(id, seq: seq, rev: rev, deleted: true)))
    }

    /// What is stored in the place of a message.
    mutating func restore(_ message: SeenMessage) {
        final.conversations[0].messages.removeAll { $0.seq == message.seq }
        final.conversations[0].messages.append(message)
        final.conversations[0].messages.sort { $0.seq < $1.seq }
    }

    @discardableResult
    mutating func viewChange(_ message: SeenMessage, on tab: String = "ben.1") -> Int {
        add(.viewChanged(ViewChanged(conversation: "c", message: message, via: .stream)), by: tab)
    }

    mutating func viewChangeOnBoth(_ message: SeenMessage) {
        for tab in ["ada.1", "ben.1"] { viewChange(message, on: tab) }
    }

    /// A sync of Ben's that tells how many messages he has not read.
    @discardableResult
    mutating func summary(head: Int64, read: Int64 = 0, unread: Int64) -> (invoked: Int, answered: Int) {
        let op = operation()
        let invoked = add(
            .syncInvoked(SyncInvoked(op: op, user: "ben", session: "ben.1", gateway: "g1")), by: "ben.1")
        let summary = ConversationSummary(head: head, read: read, unread: unread)
        return (
            invoked,
            add(
                .syncAnswered(SyncAnswered(op: op, cursors: ["c": head], more: false, summaries: ["c": summary])),
                by: "ben.1")
        )
    }

    @discardableResult
    mutating func catchUp(from cursor: Int64, to head: Int64, _ messages: [SeenMessage]) -> (
        invoked: Int, answered: Int
    ) {
        let op = operation()
        let invoked = add(
            .catchUpInvoked(
                CatchUpInvoked(
                    op: op, user: "ben", session: "ben.1", gateway: "g1", conversation: "c", cursor: cursor)))
        return (
            invoked,
            add(.catchUpAnswered(CatchUpAnswered(op: op, cursor: head, reset: false, messages: messages)))
        )
    }
}
