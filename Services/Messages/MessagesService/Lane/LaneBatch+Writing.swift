import ChatContracts

extension LaneBatch {
    /// What one plan of the batch has decided so far, on top of what is stored.
    private struct Plan {
        var heads: [ConversationID: Int64] = [:]
        var messages: Set<MessageKey> = []
        var entries: [EntryKey: Message?] = [:]
        /// Groups with a line in the plan: what follows in them waits for it.
        var waiting: Set<ConversationID> = []
    }

    /// Numbers what is left to be stored. Refuses what nobody may do.
    mutating func stepToWrite() -> LaneStep<Handle>? {
        var plan = Plan()
        writing.removeAll(keepingCapacity: true)
        for index in items.indices where items[index].response == nil {
            guard let id = items[index].delivery.command.conversation, !plan.waiting.contains(id) else { continue }
            switch items[index].delivery.command {
            case .send(let command): self.plan(command, at: index, &plan)
            case .change(let command): self.plan(command, at: index, &plan)
            case .group(let command):
                // The second of two equal commands is answered with the first one's line.
                guard !plan.messages.contains(MessageKey(command)),
                    let change = self.plan(command, at: index, number: nextNumber(in: id, plan))
                else { continue }
                plan.messages.insert(MessageKey(command))
                plan.heads[id] = change.message.rev
                plan.waiting.insert(id)
                writing.append(Planned(change: change, item: index))
            case .open, .position, .settings, .malformed: continue
            }
        }
        return writing.isEmpty ? nil : .write(writing.map(\.change))
    }

    private mutating func plan(_ command: SendMessage, at index: Int, _ plan: inout Plan) {
        // A message of the other member that is stored by this batch makes the conversation exist, too.
        guard let state = conversations[command.conversation]?.state, state.index(of: command.sender) != nil,
            state.exists(for: command.sender) || state.group == nil && plan.heads[command.conversation] != nil
        else {
            items[index].response = .fault(LaneFault.unknownConversation)
            return
        }
        items[index].historyFrom = state.historyFrom(for: command.sender)
        if let fault = state.block(against: command.sender) {
            items[index].response = .fault(fault)
            return
        }
        var quote: Quote?
        if let seq = command.replyTo {
            let key = EntryKey(conversation: command.conversation, seq: seq)
            // Who has just become a member is looked at again, with the message that is answered.
            guard let known = plan.entries[key] ?? entries[key] else { return }
            guard let known, seq >= state.historyFrom(for: command.sender), known.line == nil else {
                items[index].response = .fault(.unknownQuote)
                return
            }
            quote = Quote(known)
        }
        guard let mentions = state.holding(command.mentions, by: command.sender) else { return }
        // The second of two equal commands is answered with the first one's message.
        guard plan.messages.insert(MessageKey(command)).inserted else { return }
        let number = takeNumber(in: state, &plan)
        let message = Message(
            conversation: command.conversation, seq: number, rev: number, sender: command.sender,
            clientMessageId: command.clientMessageId, text: command.text, sentAt: now, replyTo: quote,
            mentions: mentions)
        writing.append(Planned(change: Change(message: message), item: index))
    }

    private mutating func plan(_ command: any EntryCommand, at index: Int, _ plan: inout Plan) {
        guard let state = conversations[command.conversation]?.state, state.exists(for: command.user) else {
            // A message that this plan stores may make it exist.
            if plan.heads[command.conversation] == nil || conversations[command.conversation]?.state.group != nil {
                items[index].response = .fault(LaneFault.unknownConversation)
            }
            return
        }
        items[index].historyFrom = state.historyFrom(for: command.user)
        if command.tells, let fault = state.block(against: command.user) ?? state.waits(for: command.user) {
            items[index].response = .fault(fault)
            return
        }
        let key = EntryKey(conversation: command.conversation, seq: command.seq)
        guard let known = plan.entries[key] ?? entries[key] else { return }
        guard let entry = known, command.seq >= state.historyFrom(for: command.user) else {
            items[index].response = .fault(.unknownMessage)
            return
        }
        guard let mentions = state.holding(command.mentions, by: command.user) else { return }
        let number = nextNumber(in: command.conversation, plan)
        switch command.apply(to: entry, number: number, now: now, mentions: mentions) {
        case .changed(var message):
            message.rev = takeNumber(in: state, &plan)
            plan.entries[key] = message
            writing.append(Planned(change: Change(message: message, replaces: entry.rev), item: index))
        case .unchanged where plan.entries[key] == nil: items[index].response = command.response(entry)
        case .refused(let response) where plan.entries[key] == nil: items[index].response = response
        // What it rests on is not stored yet.
        case .unchanged, .refused: return
        }
    }

    /// The conversation's next number, for a change that is surely planned.
    private func takeNumber(in state: ConversationState, _ plan: inout Plan) -> Int64 {
        let number = nextNumber(in: state.id, plan)
        plan.heads[state.id] = number
        return number
    }

    private func nextNumber(in conversation: ConversationID, _ plan: Plan) -> Int64 {
        (plan.heads[conversation] ?? conversations[conversation]?.state.head ?? 0) + 1
    }

    mutating func absorb(_ write: LaneWrite) {
        for planned in writing.prefix(write.stored) { absorb(planned) }
        guard write.conflict != nil, write.stored < writing.count else { return }
        rounds += 1
        let refused = writing[write.stored].change.message
        switch write.conflict {
        case .number:
            forget(refused.conversation)
        case .clientMessageID:
            // One of them was stored before; looking all up at once costs less than to meet them one by one.
            checksAll = true
            checked.removeAll(keepingCapacity: true)
        case nil: break
        }
    }

    private mutating func absorb(_ planned: Planned) {
        let message = planned.change.message
        let key = MessageKey(message)
        if planned.change.isBirth {
            stored[key] = message
            insertedKeys.insert(key)
            checked.insert(key)
            if let line = message.line { absorb(line, of: message) }
        } else {
            if stored[key] != nil { stored[key] = message }
            entries[EntryKey(message)] = message
            changed.insert(planned.item)
            if case .change(let command) = items[planned.item].delivery.command {
                items[planned.item].response = command.response(message)
            }
        }
        guard var working = conversations[message.conversation] else { return }
        let pause = now.milliseconds - working.state.activeAt.milliseconds
        working.isBusy = working.hasStored || working.state.head > 0 && pause <= rules.busyWithin
        working.hasStored = true
        working.state.absorb(planned.change)
        if message.seq == working.state.lastSeq { working.last = message.asLast }
        working.isFresh = true
        conversations[message.conversation] = working
    }
}

extension LaneLoad {
    /// Asks whether those whom a text mentions are members, unless that was read.
    mutating func addMentioned(
        by command: LaneCommand, in state: ConversationState, stored: [MessageKey: Message]
    ) {
        guard state.group != nil, command.key.map({ stored[$0] == nil }) ?? true else { return }
        for user in command.mentions?.compactMap(\.user) ?? [] where state.index(of: user) == nil {
            let membership = Membership(conversation: state.id, user: user)
            guard !members.contains(membership) else { continue }
            members.append(membership)
            if !conversations.contains(state.id) { conversations.append(state.id) }
        }
    }

    /// Asks for the message that a command names, unless it is known or the command is done.
    mutating func addEntry(
        of command: LaneCommand, unlessIn known: [EntryKey: Message?], stored: [MessageKey: Message]
    ) {
        if case .send(let command) = command, command.replyTo == nil || stored[MessageKey(command)] != nil { return }
        guard let key = command.entry, known[key] == nil, !entries.contains(key) else { return }
        entries.append(key)
    }
}
