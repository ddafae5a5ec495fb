import ChatContracts

extension LaneBatch {
    /// What the commands of this batch want for one member.
    private struct Wish {
        var received: Int64
        var read: Int64
    }

    /// Brings the documents up to date: the summaries of conversations with new messages, and positions. Answers the
    /// commands whose positions are reached. May have to count messages, or to read a conversation again, first.
    mutating func stepToUpdate(countingAtMost counted: Int64) -> LaneStep<Handle>? {
        refusePositionsOfStrangers()
        if let step = stepToRefresh() { return step }
        var moves: [ConversationID: [Membership: Wish]] = [:]
        var load = LaneLoad()
        for (mover, wish) in wishes() {
            guard let working = conversations[mover.conversation], let place = working.state.index(of: mover.user)
            else { continue }
            let (target, count) = target(wish, of: place, in: working.state, countingAtMost: counted)
            if let count, counts[count] == nil { load.counts.append(count) }
            moves[mover.conversation, default: [:]][mover] = target
        }
        guard load.isEmpty else { return .load(load) }

        updating.removeAll(keepingCapacity: true)
        for (id, working) in conversations {
            var update = ConversationUpdate(working.state)
            for (mover, wish) in moves[id] ?? [:] {
                guard let place = working.state.index(of: mover.user) else { continue }
                let member = working.state.members[place]
                guard wish.received > member.received || wish.read > member.read else { continue }
                update.positions.append(.init(member: place, received: member.received, read: member.read))
                update.state.members[place].readOfOthers = readOfOthers(
                    at: wish.read, of: place, in: working.state, countingAtMost: counted)
                update.state.members[place].received = wish.received
                update.state.members[place].read = wish.read
                moved.insert(mover)
            }
            summarise(working, in: &update)
            update.expectPositions(of: working.state)
            if update.isSummary || !update.positions.isEmpty { updating.append(update) }
        }
        guard updating.isEmpty else { return .update(updating) }
        answerPositions()
        return nil
    }

    mutating func absorbUpdated(matched: Int) {
        if matched == updating.count {
            for update in updating {
                conversations[update.state.id]?.state = update.state
                conversations[update.state.id]?.state.storedHead = update.state.head
                if update.isSummary {
                    conversations[update.state.id]?.state.hasDeletions = false
                    conversations[update.state.id]?.state.hasChanges = false
                }
                conversations[update.state.id]?.isFresh = true
            }
        } else {
            // Somebody else has changed some of these documents; which ones is not told.
            rounds += 1
            for update in updating { unsettle(update.state.id) }
        }
        updating.removeAll(keepingCapacity: true)
    }

    private mutating func refusePositionsOfStrangers() {
        for index in items.indices where items[index].answer == nil {
            guard case .setPosition = items[index].delivery.command,
                let membership = items[index].delivery.command.membership, !exists(membership),
                strangers.contains(membership) || !unsettled.contains(membership.conversation)
            else { continue }
            items[index].answer = .fault(LaneFault.unknownConversation)
        }
    }

    /// Reads conversations again whose document was changed by somebody else, or whose remembered head is below what a
    /// client has seen.
    private mutating func stepToRefresh() -> LaneStep<Handle>? {
        for item in items where item.answer == nil {
            guard case .setPosition(let command) = item.delivery.command,
                let working = conversations[command.conversation], !working.isFresh
            else { continue }
            if max(command.received ?? 0, command.read ?? 0) > working.state.head { unsettle(command.conversation) }
        }
        guard !unsettled.isEmpty else { return nil }
        let load = LaneLoad(conversations: unsettled.sorted())
        unsettled.removeAll()
        return .load(load)
    }

    /// The highest positions that are asked for, by member.
    private func wishes() -> [Membership: Wish] {
        var wishes: [Membership: Wish] = [:]
        for item in items where item.answer == nil {
            guard case .setPosition(let command) = item.delivery.command else { continue }
            let mover = Membership(conversation: command.conversation, user: command.user)
            let read = command.read ?? 0
            let received = max(command.received ?? 0, read)
            let known = wishes[mover] ?? Wish(received: 0, read: 0)
            wishes[mover] = Wish(received: max(received, known.received), read: max(read, known.read))
        }
        return wishes
    }

    /// Where a member's positions will be, and what has to be counted for it.
    private func target(
        _ wish: Wish, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> (Wish, LaneLoad.Count?) {
        let member = state.members[place]
        var target = Wish(
            received: max(member.received, min(wish.received, state.head)),
            read: max(member.read, min(wish.read, state.head)))
        guard target.read > member.read, target.read < state.head else { return (target, nil) }
        let below = target.read - member.read
        let above = state.head - target.read
        if min(below, above) > counted { target.read = member.read + counted }
        return (target, count(upTo: target.read, of: place, in: state))
    }

    /// The shorter of the two ways to learn what is read: from the old position up, or from the head down.
    private func count(upTo read: Int64, of place: Int, in state: ConversationState) -> LaneLoad.Count {
        let member = state.members[place]
        let isShortFromBelow = read - member.read <= state.head - read
        return LaneLoad.Count(
            conversation: state.id, user: member.user, head: state.head, after: isShortFromBelow ? member.read : read,
            through: isShortFromBelow ? read : state.head)
    }

    /// Messages of others at or below `read`, exactly.
    private func readOfOthers(
        at read: Int64, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> Int64 {
        let member = state.members[place]
        if read == member.read { return member.readOfOthers }
        if read == state.head { return state.count - member.sent }
        let count = count(upTo: read, of: place, in: state)
        guard let number = counts[count] else { preconditionFailure("what a position needs was counted before") }
        return count.after == member.read ? member.readOfOthers + number : state.count - member.sent - number
    }

    private mutating func answerPositions() {
        for index in items.indices where items[index].answer == nil {
            guard case .setPosition(let command) = items[index].delivery.command,
                let change = positionChange(of: command.user, in: command.conversation)
            else { continue }
            items[index].answer = .position(change)
        }
    }

    func positionChange(of user: UserID, in conversation: ConversationID) -> PositionChanged? {
        guard let state = conversations[conversation]?.state, let place = state.index(of: user) else { return nil }
        return PositionChanged(
            conversation: conversation, user: user, received: state.members[place].received,
            read: state.members[place].read, unread: state.unread(ofMemberAt: place), head: state.head)
    }
}
