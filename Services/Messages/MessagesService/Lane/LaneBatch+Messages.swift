import ChatContracts

extension LaneBatch {
    /// What has to be read before anything can be decided; nil if enough is known.
    mutating func stepToLoad() -> LaneStep<Handle>? {
        var load = LaneLoad()
        var asked: Set<Membership> = []
        var askedKeys: Set<MessageKey> = []
        for item in items where item.answer == nil {
            guard let membership = item.delivery.command.membership else { continue }
            // What the lane remembers says nothing to those for whom it does not exist: they are answered from the
            // database, like those who ask for a conversation that nobody has.
            let working = conversations[membership.conversation]
            let isMember = working?.state.exists(for: membership.user) ?? false
            let isStranger = strangers.contains(membership)
            if !isMember, !isStranger, asked.insert(membership).inserted { load.memberships.append(membership) }
            guard case .send(let command) = item.delivery.command else { continue }
            let key = MessageKey(command)
            guard stored[key] == nil, !checked.contains(key) else { continue }
            // What was read in this batch was not known before, so neither is what others have stored in it.
            let isKnown = isMember && working?.isFresh == false && !item.delivery.redelivered && !checksAll
            if !isKnown, isMember || !isStranger, askedKeys.insert(key).inserted { load.messages.append(key) }
        }
        return load.isEmpty ? nil : .load(load)
    }

    mutating func absorb(_ result: LaneLoad.Result) {
        for loaded in result.conversations {
            conversations[loaded.state.id] = Working(state: loaded.state, last: loaded.last, isFresh: true)
        }
        for message in result.messages {
            stored[MessageKey(message)] = message
            // Another writer has stored it and perhaps not yet its summary, which an answer promises to be there.
            if let head = conversations[message.conversation]?.state.head, head < message.rev {
                unsettled.insert(message.conversation)
            }
        }
        counts.merge(result.counts) { _, new in new }
        for item in items where item.answer == nil {
            guard let membership = item.delivery.command.membership else { continue }
            if !exists(membership) { strangers.insert(membership) }
            if case .send(let command) = item.delivery.command { checked.insert(MessageKey(command)) }
        }
    }

    /// Answers the sends whose message is stored, by whoever and whenever.
    mutating func answerStoredMessages() {
        for index in items.indices where items[index].answer == nil {
            guard case .send(let command) = items[index].delivery.command,
                let message = stored[MessageKey(command)]
            else { continue }
            if message.text == command.text {
                items[index].answer = .message(message)
            } else {
                items[index].answer = .fault(
                    Fault(
                        .clientMessageIDReused, "This client message id belongs to another message.",
                        field: "clientMessageId"))
            }
        }
    }

    func exists(_ membership: Membership) -> Bool {
        conversations[membership.conversation]?.state.exists(for: membership.user) ?? false
    }

    mutating func stepToOpen() -> LaneStep<Handle>? {
        opening.removeAll(keepingCapacity: true)
        var asked: Set<Membership> = []
        for item in items where item.answer == nil {
            guard case .open(let command) = item.delivery.command, let membership = item.delivery.command.membership,
                strangers.contains(membership), !exists(membership), asked.insert(membership).inserted
            else { continue }
            opening.append(LaneOpening(user: command.user, other: command.other, at: now))
        }
        return opening.isEmpty ? nil : .open(opening)
    }

    /// What is stored now has to be read: others may have opened it, or written in it, before.
    mutating func absorbOpened() {
        for opening in opening {
            strangers.remove(opening.membership)
            forget(opening.membership.conversation)
            // A second time would be strange, and must not go on for ever.
            if !opened.insert(opening.membership).inserted { rounds += 1 }
        }
        opening.removeAll(keepingCapacity: true)
    }

    /// Numbers what is left to be stored. Refuses what nobody may send.
    mutating func stepToInsert() -> LaneStep<Handle>? {
        var heads: [ConversationID: Int64] = [:]
        var planned: Set<MessageKey> = []
        inserting.removeAll(keepingCapacity: true)
        for index in items.indices where items[index].answer == nil {
            guard case .send(let command) = items[index].delivery.command else { continue }
            // A message of the other member that is stored by this batch makes the conversation exist, too.
            guard let state = conversations[command.conversation]?.state, state.index(of: command.sender) != nil,
                state.exists(for: command.sender) || heads[command.conversation] != nil
            else {
                items[index].answer = .fault(Self.unknownConversation)
                continue
            }
            // The second of two equal commands is answered with the first one's message.
            guard planned.insert(MessageKey(command)).inserted else { continue }
            #if PlantedMistakes
                let head = heads[command.conversation] ?? state.head
                let number = expectedHeads?.next(after: head, in: command.conversation) ?? head + 1
            #else
                let number = (heads[command.conversation] ?? state.head) + 1
            #endif
            heads[command.conversation] = number
            inserting.append(
                Message(
                    conversation: command.conversation, seq: number, rev: number, sender: command.sender,
                    clientMessageId: command.clientMessageId, text: command.text, sentAt: now))
        }
        return inserting.isEmpty ? nil : .insert(inserting)
    }

    mutating func absorb(_ insertion: LaneInsertion) {
        for message in inserting.prefix(insertion.stored) {
            let key = MessageKey(message)
            stored[key] = message
            insertedKeys.insert(key)
            if var working = conversations[message.conversation] {
                let pause = now.milliseconds - working.state.activeAt.milliseconds
                working.isBusy = working.hasStored || working.state.head > 0 && pause <= rules.busyWithin
                working.hasStored = true
                working.state.absorb(message)
                working.last = message
                working.isFresh = true
                conversations[message.conversation] = working
            }
            checked.formUnion(CollectionOfOne(key))
        }
        guard insertion.conflict != nil, insertion.stored < inserting.count else { return }
        rounds += 1
        let refused = inserting[insertion.stored]
        switch insertion.conflict {
        case .number:
            forget(refused.conversation)
        case .clientMessageID:
            // One of them was stored before; looking all up at once costs less than to meet them one by one.
            checksAll = true
            checked.removeAll(keepingCapacity: true)
        case nil: break
        }
    }

    static var unknownConversation: Fault {
        Fault(.notFound, "There is no such conversation.", field: "conversation")
    }
}
