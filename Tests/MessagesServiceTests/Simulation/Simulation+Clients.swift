import ChatContracts

@testable import MessagesService

extension Simulation {
    mutating func actClient() {
        let index = source.below(clients.count)
        if let waiting = clients[index].waitingFor {
            // Clients are patient enough to let most first tries end.
            if source.happens(isCalm ? 40 : 80) { publish(waiting) }
            return
        }
        guard !clients[index].isInGroup else { return actInGroup(by: index) }
        guard clients[index].isOpen else {
            let command = OpenDirectConversation(user: clients[index].user, other: clients[index].other)
            return ask(.open(command), expecting: .conversation, by: index)
        }
        switch source.below(10 + shape.changes) {
        case 10...: changeSomething(by: index)
        case 0..<5: sendNew(by: index)
        case 5: sendAgain(by: index)
        case 6, 7: setPosition(by: index)
        case 8: chooseSettings(by: index)
        default:
            guard clients[index].wanted > 0, source.happens(300) else { return }
            let command = SendMessage(
                conversation: clients[index].conversation, sender: UserID(high: 9, low: 9),
                clientMessageId: ClientMessageID(high: 7, low: source.next()), text: "let me in")
            ask(.send(command), expecting: .notFound, by: index)
        }
    }

    private mutating func sendNew(by index: Int) {
        guard clients[index].wanted > 0 else { return }
        clients[index].wanted -= 1
        nextID += 1
        var command = SendMessage(
            conversation: clients[index].conversation, sender: clients[index].user,
            clientMessageId: ClientMessageID(high: 0, low: UInt64(nextID)), text: "text \(nextID)")
        if source.happens(shape.replies) {
            guard source.happens(800) else {
                command.replyTo = nothing(in: command.conversation)
                return ask(.send(command), expecting: .unknownQuote, by: index)
            }
            command.replyTo = known(command.conversation).randomElement(using: &source)?.seq
        }
        clients[index].sent.append(MessageKey(command))
        sends[MessageKey(command)] = command
        ask(.send(command), expecting: .message, by: index, isNew: true)
    }

    /// The entries that anybody was told of, deleted ones among them.
    private func known(_ conversation: ConversationID) -> [Message] {
        store.entries(of: conversation, at: told[conversation] ?? 0).values.sorted { $0.seq < $1.seq }
    }

    /// A number that never is one of a message: nobody gets there, or a change has it.
    private mutating func nothing(in conversation: ConversationID) -> Int64 {
        let seqs = Set(known(conversation).map(\.seq))
        let changes = (0...(told[conversation] ?? 0)).filter { $0 > 0 && !seqs.contains($0) }
        return changes.randomElement(using: &source) ?? 1_000_000
    }

    /// Edits or deletes one of the client's own messages, or reacts to any.
    mutating func changeSomething(by index: Int) {
        let (user, conversation) = (clients[index].user, clients[index].conversation)
        let entries = known(conversation)
        guard clients[index].wanted > 0,
            let entry = source.happens(shape.changesOfNewest) ? entries.last : entries.randomElement(using: &source)
        else { return }
        let command: any EntryCommand
        switch source.below(6) {
        case 0, 1:
            nextID += 1
            // Half of them name a text that may have gone.
            let rev = source.happens(500) ? entry.textRev : store.message(MessageKey(entry))?.textRev ?? entry.textRev
            command =
                clients[index].isInGroup
                ? edit(entry, rev: rev, text: "edit \(nextID)", by: user)
                : EditMessage(
                    conversation: conversation, user: user, seq: entry.seq, rev: rev, text: "edit \(nextID)")
        case 2: command = DeleteMessage(conversation: conversation, user: user, seq: entry.seq)
        case 3:
            let mine = entries.last { $0.reactions.contains { $0.users.contains(user) } } ?? entry
            command = RemoveReaction(
                conversation: conversation, user: user, seq: mine.seq, rev: seenRev(of: mine), emoji: "👍")
        default:
            command = SetReaction(
                conversation: conversation, user: user, seq: entry.seq, rev: seenRev(of: entry), emoji: "👍")
        }
        ask(.change(command), expecting: .change, by: index)
    }

    private func seenRev(of entry: Message) -> Int64 {
        shape.mistake == .unconditionalReactions ? .max : entry.rev
    }

    /// An old message again, after any delay, or its id with another text or another reply.
    private mutating func sendAgain(by index: Int) {
        guard let key = clients[index].sent.randomElement(using: &source), responses[key] != nil,
            clients[index].wanted > 0, var command = sends[key]
        else { return }
        let isReuse = source.happens(300)
        if isReuse, source.happens(500) {
            command.text = "something else"
        } else if isReuse {
            command.replyTo = command.replyTo == nil ? 1 : nil
        }
        ask(.send(command), expecting: isReuse ? .reuse : .message, by: index)
    }

    mutating func setPosition(by index: Int) {
        let seen = told[clients[index].conversation] ?? 0
        guard clients[index].wanted > 0 else { return }
        let (user, conversation) = (clients[index].user, clients[index].conversation)
        let marks = reached[user]?.unreadMarks ?? 0
        coverage.positions += 1
        guard source.happens(750) else {
            let from = Int64(source.below(Int(seen) + 2)) + 1
            asksToMark[user, default: 0] += 1
            let command = MarkUnread(conversation: conversation, user: user, from: from, unreadMarks: marks)
            return ask(.position(command), expecting: .position, by: index)
        }
        let received = Int64(source.below(Int(seen) + 2))
        let read = source.happens(700) ? Int64(source.below(Int(seen) + 1)) : nil
        let command = SetPosition(
            conversation: conversation, user: user, received: received, read: read,
            unreadMarks: source.happens(800) ? marks : nil)
        ask(.position(command), expecting: .position, by: index)
    }

    mutating func ask(
        _ command: LaneCommand, expecting expectation: SimulatedOperation.Expectation, by index: Int,
        isNew: Bool = false
    ) {
        operations.append(
            SimulatedOperation(
                client: index, command: command, expectation: expectation,
                floor: told[clients[index].conversation] ?? 0, marks: reached[clients[index].user]?.unreadMarks ?? 0,
                isNew: isNew, isAccepted: accepted.contains(clients[index].user)))
        clients[index].waitingFor = operations.count - 1
        publish(operations.count - 1)
    }

    private mutating func publish(_ number: Int) {
        operations[number].wasAskedFor += 1
        // The broker may refuse, or the connection break before it has the command.
        if !isCalm, source.happens(shape.faults) { return }
        guard let conversation = operations[number].command.conversation else { return }
        let shard = Int(conversation.low % UInt64(queues.count))
        queues[shard].publish(operations[number].command, operation: number)
    }

    mutating func deliverReply() throws {
        guard !replies.isEmpty else { return }
        let reply = replies.remove(at: source.below(replies.count))
        let operation = operations[reply.operation]
        try check(reply.response, to: operation)
        operations[reply.operation].isAnswered = true
        let index = operation.client
        guard clients[index].waitingFor == reply.operation else { return }
        clients[index].waitingFor = nil
        switch reply.response {
        case .conversation, .group: clients[index].isOpen = true
        default: break
        }
    }

    private mutating func check(_ response: LaneResponse, to operation: SimulatedOperation) throws {
        if case .fault(let fault) = response, clients[operation.client].isInGroup {
            return try check(fault, to: operation)
        }
        switch (operation.expectation, response, operation.command) {
        case (.message, .message(let message), .send(let command)):
            try check(message, for: command, by: operation)
            try checkQuote(in: message, for: command, by: operation)
        case (.group, .group(let change), .group(let command)): try check(change, for: command)
        case (.unknownQuote, .fault(.unknownQuote), _): coverage.refusedQuotes += 1
        case (.reuse, .fault(let fault), _) where fault.code == .clientMessageIDReused: break
        case (.notFound, .fault(let fault), _) where fault.code == .notFound: break
        case (.conversation, .conversation(let conversation), .open(let command)):
            guard conversation.members.map(\.user) == [command.user, command.other].sorted() else {
                throw violation("P6", "the members are \(conversation.members)")
            }
        case (.change, .changed(let message), _), (.change, .applied(let message), _):
            try check(message, by: operation)
        case (.change, .conflict(let message), _):
            coverage.editConflicts += 1
            try check(message, by: operation)
        case (.change, .fault(let fault), _) where [.gone, .forbidden].contains(fault.code): break
        case (.position, .position(let change), .position(let command)):
            try check(change, for: command, by: operation)
        case (.settings, .settings(let change), .settings(let command)):
            try check(change, for: command, by: operation)
        default:
            throw violation("Right answers", "\(operation.expectation) was expected, the answer is \(response)")
        }
    }

    /// What is answered has happened.
    private mutating func check(_ message: Message, by operation: SimulatedOperation) throws {
        var stored = store.entries(of: message.conversation, at: message.rev)[message.seq]
        if message.replyTo?.text == nil, let quote = stored?.replyTo,
            store.deletion(of: EntryKey(conversation: message.conversation, seq: quote.seq)) != nil
        {
            stored?.replyTo?.text = nil
        }
        guard beginnings(for: operation).contains(where: { stored?.shown(from: $0) == message }) else {
            throw violation(
                "P1", "\(message) is answered to \(operation.command), and stored is \(String(describing: stored))")
        }
        if stored?.replyTo?.text != nil, message.replyTo?.text == nil { coverage.hiddenQuotes += 1 }
        if message.isDeleted { coverage.deletions += 1 }
        told[message.conversation] = max(told[message.conversation] ?? 0, message.rev)
        try checkDocument(message.conversation)
    }

    private mutating func check(
        _ message: Message, for command: SendMessage, by operation: SimulatedOperation
    ) throws {
        let key = MessageKey(command)
        let floor = operation.isNew ? operation.floor : 0
        if shape.mistake != .weakWriteConcern { try check(message, by: operation) }
        if let earlier = responses[key], earlier.seq != message.seq {
            throw violation("P2", "the same message was answered as \(earlier.seq) and as \(message.seq)")
        }
        guard message.wasSent(by: command), message.seq > floor else {
            throw violation("P3", "number \(message.seq) was given after \(floor) had been told")
        }
        if responses[key] == nil { coverage.messages += 1 }
        responses[key] = message
        told[message.conversation] = max(told[message.conversation] ?? 0, message.seq)
        try checkDocument(message.conversation)
    }

    /// A reply shows what it answers until that is deleted, and not to anybody who asks after the deletion was told.
    private mutating func checkQuote(
        in message: Message, for command: SendMessage, by operation: SimulatedOperation
    ) throws {
        guard !message.isDeleted else { return }
        guard message.replyTo?.seq == command.replyTo else {
            throw violation("Quotes", "number \(message.seq) answers another message than \(command)")
        }
        guard let quote = message.replyTo else { return }
        let key = EntryKey(conversation: message.conversation, seq: quote.seq)
        switch (quote.text, store.deletion(of: key)) {
        case (_?, let deletion?) where deletion <= operation.floor:
            throw violation("Quotes", "number \(message.seq) shows number \(quote.seq), which was deleted")
        case (_?, _): coverage.quotes += 1
        case (nil, _?): coverage.emptyQuotes += 1
        case (nil, nil) where beginnings(for: operation).contains { quote.seq < $0 }: break
        case (nil, nil): throw violation("Quotes", "number \(message.seq) does not show what it answers")
        }
    }

    private mutating func check(
        _ change: PositionChanged, for command: any PositionCommand, by operation: SimulatedOperation
    ) throws {
        let first = store.group(change.conversation, at: change.head).members[change.user]?.historyFrom ?? 0
        let unread = store.entries(of: change.conversation, at: change.head).values.count {
            $0.counts && $0.sender != change.user && $0.seq > change.read && $0.seq >= first
        }
        guard change.unread == Int64(unread) else {
            throw violation("Exact unread counts", "\(change.unread) instead of \(unread) were answered")
        }
        let told = MemberPositions(
            received: change.received, read: change.read, unreadMarks: change.unreadMarks ?? 0)
        let again = command.apply(to: told)
        // A later answer to the same command, or one beside another device, may show a mark that came behind it.
        let isReached =
            min(again.read, change.head) <= told.read || operation.isAnswered || told.unreadMarks > operation.marks
        // In a request they stay where they are.
        let isAtRest =
            told.received == 0 && told.read == 0 && !operation.isAccepted
            && mayBeRequest(change.conversation, to: change.user, at: change.head)
        guard
            isAtRest
                || min(again.received, change.head) <= told.received && isReached
                    && again.unreadMarks == told.unreadMarks && told.received >= told.read
        else { throw violation("Positions", "\(command) was answered with \(change)") }
        if command is MarkUnread { coverage.marks += 1 }
        if let earlier = reached[change.user], told.isBehind(earlier) { return }
        reached[change.user] = told
        shownAsRead[change.user] = max(shownAsRead[change.user] ?? 0, told.read)
        try checkDocument(change.conversation)
    }
}

extension MemberPositions {
    /// Whether somebody who knows the other ones would have seen these before.
    func isBehind(_ other: MemberPositions) -> Bool {
        received < other.received || (unreadMarks, read) < (other.unreadMarks, other.read)
    }
}
