import ChatContracts

extension LaneBatch {
    /// Brings the documents up to date: the summaries of conversations with new messages, and positions. Answers the
    /// commands whose positions are reached. May have to count messages, or to read a conversation again, first.
    mutating func stepToUpdate(countingAtMost counted: Int64) -> LaneStep<Handle>? {
        refusePositionsOfStrangers()
        if let step = stepToRefresh() { return step }
        var moves: [ConversationID: [Int: MemberPositions]] = [:]
        var load = LaneLoad()
        moving.removeAll(keepingCapacity: true)
        for (mover, wanted) in wantedPositions() {
            guard let working = conversations[mover.conversation], let place = working.state.index(of: mover.user)
            else { continue }
            let (target, count) = target(wanted.positions, of: place, in: working.state, countingAtMost: counted)
            if let count { load.counts.append(count) }
            moves[mover.conversation, default: [:]][place] = target
            if target == wanted.positions { moving += wanted.items }
        }
        guard load.isEmpty else { return .load(load) }

        updating.removeAll(keepingCapacity: true)
        for (id, working) in conversations {
            var update = ConversationUpdate(working.state)
            for (place, target) in moves[id] ?? [:] {
                let member = working.state.members[place]
                guard target != member.positions else { continue }
                update.positions.append(.init(member: place, known: member.positions))
                update.state.members[place].readOfOthers = readOfOthers(
                    at: target.read, of: place, in: working.state, countingAtMost: counted)
                update.state.members[place].positions = target
                moved.insert(Membership(conversation: id, user: member.user))
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
            movesDone.formUnion(moving)
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
            guard case .position = items[index].delivery.command,
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
            guard case .position(let command) = item.delivery.command,
                let working = conversations[command.conversation], !working.isFresh,
                let place = working.state.index(of: command.user)
            else { continue }
            let known = working.state.members[place].positions
            if command.needsCurrent(known)
                || command.apply(to: known).received > max(working.state.head, known.received)
            {
                unsettle(command.conversation)
            }
        }
        guard !unsettled.isEmpty else { return nil }
        let load = LaneLoad(conversations: unsettled.sorted())
        unsettled.removeAll()
        return .load(load)
    }

    /// Where commands want the positions of a member, and their places in the batch.
    private struct Wanted {
        var positions: MemberPositions
        var items: [Int] = []
    }

    /// Where the commands, in their order, want the positions of each member. What comes behind a mark waits until the
    /// mark is stored, so that one update makes at most one.
    private func wantedPositions() -> [Membership: Wanted] {
        var wanted: [Membership: Wanted] = [:]
        for (index, item) in items.enumerated() where item.answer == nil && !movesDone.contains(index) {
            guard case .position(let command) = item.delivery.command,
                let state = conversations[command.conversation]?.state, let place = state.index(of: command.user)
            else { continue }
            let mover = Membership(conversation: command.conversation, user: command.user)
            let stored = state.members[place].positions
            var next = wanted[mover] ?? Wanted(positions: stored)
            guard next.positions.unreadMarks == stored.unreadMarks else { continue }
            next.positions = command.apply(to: next.positions)
            next.positions.received = min(next.positions.received, max(state.head, stored.received))
            next.positions.read = min(next.positions.read, max(state.head, stored.read))
            next.items.append(index)
            wanted[mover] = next
        }
        return wanted
    }

    /// Where a member's positions will be after the next update, and what has to be counted for it first. A way forward
    /// that is too long to be counted at once is gone in several updates.
    private func target(
        _ wanted: MemberPositions, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> (MemberPositions, LaneLoad.Count?) {
        let known = state.members[place].positions.read
        var target = wanted
        if wanted.read > known, min(wanted.read - known, state.head - wanted.read) > counted {
            target.read = known + counted
        }
        let missing = counts(upTo: target.read, of: place, in: state, countingAtMost: counted)
            .first { counts[$0] == nil }
        return (target, missing)
    }

    /// What has to be counted to learn what is read at `read`: the messages between the two positions or, if that is
    /// shorter, those from `read` to the head. The way back is one step, because positions in between would look like
    /// older ones; it is counted in parts.
    private func counts(
        upTo read: Int64, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> [LaneLoad.Count] {
        let member = state.members[place]
        let known = member.positions.read
        guard read != known, read < state.head else { return [] }
        let range =
            read < known ? (read, known) : read - known <= state.head - read ? (known, read) : (read, state.head)
        return stride(from: range.0, to: range.1, by: Int(counted)).map { after in
            LaneLoad.Count(
                conversation: state.id, user: member.user, head: state.head, after: after,
                through: min(after + counted, range.1))
        }
    }

    /// Messages of others at or below `read`, exactly.
    private func readOfOthers(
        at read: Int64, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> Int64 {
        let member = state.members[place]
        let known = member.positions.read
        if read == known { return member.readOfOthers }
        if read == state.head { return state.count - member.sent }
        let parts = counts(upTo: read, of: place, in: state, countingAtMost: counted)
        let number = parts.reduce(Int64(0)) { sum, part in
            guard let number = counts[part] else { preconditionFailure("what a position needs was counted before") }
            return sum + number
        }
        if read < known { return member.readOfOthers - number }
        return parts.first?.after == known ? member.readOfOthers + number : state.count - member.sent - number
    }

    private mutating func answerPositions() {
        for index in items.indices where items[index].answer == nil {
            guard case .position(let command) = items[index].delivery.command,
                let change = positionChange(of: command.user, in: command.conversation)
            else { continue }
            items[index].answer = .position(change)
        }
    }

    func positionChange(of user: UserID, in conversation: ConversationID) -> PositionChanged? {
        guard let state = conversations[conversation]?.state, let place = state.index(of: user) else { return nil }
        let positions = state.members[place].positions
        return PositionChanged(
            conversation: conversation, user: user, received: positions.received, read: positions.read,
            unread: state.unread(ofMemberAt: place), head: state.head,
            unreadMarks: positions.unreadMarks > 0 ? positions.unreadMarks : nil)
    }
}
