import ChatContracts

extension LaneBatch {
    /// What has to be read before anything can be decided; nil if enough is known.
    mutating func stepToLoad() -> LaneStep<Handle>? {
        var load = LaneLoad()
        var asked: Set<ConversationID> = []
        var askedKeys: Set<MessageKey> = []
        for item in items where item.answer == nil {
            guard let id = item.delivery.command.conversation else { continue }
            let isCold = conversations[id] == nil && !missing.contains(id)
            if isCold, asked.insert(id).inserted { load.conversations.append(id) }
            guard case .send(let command) = item.delivery.command else { continue }
            let key = MessageKey(command)
            guard stored[key] == nil, !checked.contains(key) else { continue }
            // What was read in this batch was not known before, so neither is what others have stored in it.
            let isKnown = conversations[id]?.isFresh == false && !item.delivery.redelivered && !checksAll
            if !isKnown, !missing.contains(id), askedKeys.insert(key).inserted { load.messages.append(key) }
        }
        return load.isEmpty ? nil : .load(load)
    }

    mutating func absorb(_ result: LaneLoad.Result) {
        let found = Set(result.conversations.map(\.state.id))
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
            guard let id = item.delivery.command.conversation else { continue }
            if conversations[id] == nil, !found.contains(id) { missing.insert(id) }
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

    mutating func stepToOpen() -> LaneStep<Handle>? {
        var opening: [ConversationState] = []
        var asked: Set<ConversationID> = []
        for item in items where item.answer == nil {
            guard case .open(let command) = item.delivery.command, let id = item.delivery.command.conversation,
                missing.contains(id), asked.insert(id).inserted
            else { continue }
            opening.append(
                ConversationState(new: id, members: [command.user, command.other].sorted(), createdAt: now))
        }
        return opening.isEmpty ? nil : .open(opening)
    }

    mutating func absorbOpened(existing: Set<ConversationID>) {
        for item in items where item.answer == nil {
            guard case .open(let command) = item.delivery.command, let id = item.delivery.command.conversation,
                missing.remove(id) != nil
            else { continue }
            if existing.contains(id) {
                forget(id)
                rounds += 1
            } else {
                created.insert(id)
                let state = ConversationState(new: id, members: [command.user, command.other].sorted(), createdAt: now)
                conversations[id] = Working(state: state, last: nil, isFresh: true)
            }
        }
    }

    /// Numbers what is left to be stored. Refuses what nobody may send.
    mutating func stepToInsert() -> LaneStep<Handle>? {
        var heads: [ConversationID: Int64] = [:]
        var planned: Set<MessageKey> = []
        inserting.removeAll(keepingCapacity: true)
        for index in items.indices where items[index].answer == nil {
            guard case .send(let command) = items[index].delivery.command else { continue }
            guard let state = conversations[command.conversation]?.state, state.index(of: command.sender) != nil else {
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
