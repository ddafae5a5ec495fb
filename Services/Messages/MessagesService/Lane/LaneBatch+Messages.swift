import ChatContracts

extension LaneBatch {
    /// What has to be read before anything can be decided; nil if enough is known.
    mutating func stepToLoad() -> LaneStep<Handle>? {
        var load = LaneLoad()
        var asked: Set<Membership> = []
        var askedKeys: Set<MessageKey> = []
        for item in items where item.response == nil {
            guard let membership = item.delivery.command.membership else { continue }
            if case .group(let command) = item.delivery.command {
                load.add(command, of: self, &asked, &askedKeys)
                continue
            }
            // What the lane remembers says nothing to those for whom it does not exist: they are answered from the
            // database, like those who ask for a conversation that nobody has.
            let working = conversations[membership.conversation]
            let isMember = working?.state.exists(for: membership.user) ?? false
            let isStranger = strangers.contains(membership)
            if !isMember, !isStranger, asked.insert(membership).inserted { load.memberships.append(membership) }
            if isMember, let state = working?.state {
                load.addEntry(of: item.delivery.command, unlessIn: entries, stored: stored)
                load.addMentioned(by: item.delivery.command, in: state, stored: stored)
            }
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
        loading = load
        return load.isEmpty ? nil : .load(load)
    }

    mutating func absorb(_ result: LaneLoad.Result) {
        for loaded in result.conversations { absorb(loaded) }
        for key in loading.entries { entries[key] = .some(nil) }
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
        for addition in loading.additions { unwilling[addition] = result.unwilling.contains(addition) }
        for key in loading.invitations { invitations[key] = result.invitations.contains(key) }
        for id in loading.conversations where conversations[id] == nil { missing.insert(id) }
        for membership in loading.memberships where !exists(membership) { strangers.insert(membership) }
        checked.formUnion(loading.messages)
        checked.formUnion(loading.lines)
        for item in items where item.response == nil {
            if case .send(let command) = item.delivery.command { checked.insert(MessageKey(command)) }
        }
        loading = LaneLoad()
    }

    /// Takes the place of what was known. What was read of other members of a group stays, if it is of the same head.
    private mutating func absorb(_ loaded: LoadedConversation) {
        var state = loaded.state
        let known = conversations[state.id]?.state
        if state.group != nil, let known, known.head == state.head {
            state.members += known.members.filter { state.index(of: $0.user) == nil }
        }
        conversations[state.id] = Working(state: state, last: loaded.last, isFresh: true)
        forgetEntries(of: state.id)
    }

    /// Answers the commands whose message or line is stored, by whoever and whenever.
    mutating func answerStoredMessages() {
        for index in items.indices where items[index].response == nil {
            guard let key = items[index].delivery.command.key, let message = stored[key] else { continue }
            switch items[index].delivery.command {
            case .send(let command) where message.wasSent(by: command):
                items[index].response = .message(message)
                let membership = conversations[key.conversation]?.state.membership(of: command.sender)
                items[index].historyFrom = membership?.historyFrom ?? items[index].historyFrom
            case .group(let command):
                // Whoever hears of it again follows from the group.
                guard let state = conversations[key.conversation]?.state else { continue }
                items[index].response =
                    message.line.map(command.isTold) ?? false
                    ? .group(GroupChanged(state, for: command.user, line: message)) : .clientMessageIDReused
            default: items[index].response = .clientMessageIDReused
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
            guard let membership = item.delivery.command.membership else { continue }
            switch item.delivery.command {
            case .open(let command) where strangers.contains(membership) && !exists(membership):
                guard asked.insert(membership).inserted else { continue }
                opening.append(LaneOpening(user: command.user, other: command.other, at: now))
            case .group(let command) where command is CreateGroup && missing.contains(membership.conversation):
                guard asked.insert(membership).inserted else { continue }
                opening.append(LaneOpening(group: membership.conversation, by: command.user, at: now))
            default: continue
            }
        }
        return opening.isEmpty ? nil : .open(opening)
    }

    /// What is stored now has to be read: others may have opened it, or written in it, before.
    mutating func absorbOpened() {
        for opening in opening {
            strangers.remove(opening.membership)
            missing.remove(opening.membership.conversation)
            forget(opening.membership.conversation)
            // A second time would be strange, and must not go on for ever.
            if !opened.insert(opening.membership).inserted { rounds += 1 }
        }
        opening.removeAll(keepingCapacity: true)
    }
}
