import ChatContracts

extension LaneBatch {
    /// What has to be read before anything can be decided; nil if enough is known.
    mutating func stepToLoad() -> LaneStep<Handle>? {
        var load = LaneLoad()
        var asked: Set<Membership> = []
        var askedKeys: Set<MessageKey> = []
        for item in items where item.response == nil {
            guard let membership = item.delivery.command.membership else { continue }
            // What the lane remembers says nothing to those for whom it does not exist: they are answered from the
            // database, like those who ask for a conversation that nobody has.
            let working = conversations[membership.conversation]
            let isMember = working?.state.exists(for: membership.user) ?? false
            let isStranger = strangers.contains(membership)
            if !isMember, !isStranger, asked.insert(membership).inserted { load.memberships.append(membership) }
            if isMember { load.addEntry(of: item.delivery.command, unlessIn: entries, stored: stored) }
            guard case .send(let command) = item.delivery.command else { continue }
            let key = MessageKey(command)
            guard stored[key] == nil, !checked.contains(key) else { continue }
            // What was read in this batch was not known before, so neither is what others have stored in it. And whoever is
            // refused because of a block must not be refused what was stored before.
            let isKnown =
                isMember && working?.isFresh == false && working?.state.isClosed == false
                && !item.delivery.redelivered && !checksAll
            if !isKnown, isMember || !isStranger, askedKeys.insert(key).inserted { load.messages.append(key) }
        }
        readingEntries = load.entries
        return load.isEmpty ? nil : .load(load)
    }

    mutating func absorb(_ result: LaneLoad.Result) {
        for loaded in result.conversations {
            conversations[loaded.state.id] = Working(state: loaded.state, last: loaded.last, isFresh: true)
            forgetEntries(of: loaded.state.id)
        }
        for key in readingEntries { entries[key] = .some(nil) }
        readingEntries.removeAll()
        for entry in result.entries {
            entries[EntryKey(entry)] = entry
            // Another writer has changed it, see below.
            if let head = conversations[entry.conversation]?.state.head, head < entry.rev {
                unsettled.insert(entry.conversation)
            }
        }
        for message in result.messages {
            stored[MessageKey(message)] = message
            // Another writer has stored it and perhaps not yet its summary, which an answer promises to be there.
            if let head = conversations[message.conversation]?.state.head, head < message.rev {
                unsettled.insert(message.conversation)
            }
        }
        counts.merge(result.counts) { _, new in new }
        for item in items where item.response == nil {
            guard let membership = item.delivery.command.membership else { continue }
            if !exists(membership) { strangers.insert(membership) }
            if case .send(let command) = item.delivery.command { checked.insert(MessageKey(command)) }
        }
    }

    /// Answers the sends whose message is stored, by whoever and whenever.
    mutating func answerStoredMessages() {
        for index in items.indices where items[index].response == nil {
            guard case .send(let command) = items[index].delivery.command,
                let message = stored[MessageKey(command)]
            else { continue }
            if message.wasSent(by: command) {
                items[index].response = .message(message)
            } else {
                items[index].response = .fault(
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
        for item in items where item.response == nil {
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
}
