import ChatContracts

extension LaneBatch {
    /// Brings the documents up to date: the summaries of conversations with new messages, positions, and settings. Answers
    /// the commands whose positions are reached. May have to count messages, or to read a conversation again, first.
    mutating func stepToUpdate(countingAtMost counted: Int64) -> LaneStep<Handle>? {
        refuseStrangers()
        if let step = stepToRefresh() { return step }
        var moves: [ConversationID: [Int: Move]] = [:]
        var load = LaneLoad()
        moving.removeAll(keepingCapacity: true)
        let settings = wantedSettings()
        for (membership, wanted) in wantedPositions(with: settings) {
            guard let state = conversations[membership.conversation]?.state,
                let place = state.index(of: membership.user)
            else { continue }
            guard state.group == nil else {
                // What is unread in groups is counted when it is asked for.
                moves[state.id, default: [:]][place] = Move(to: wanted.positions, readOfOthers: 0)
                moving += wanted.items
                continue
            }
            let target = reachable(wanted.positions, of: place, in: state, countingAtMost: counted)
            switch readOfOthers(at: target.read, of: place, in: state, countingAtMost: counted) {
            case .uncounted(let count): load.counts.append(count)
            case .counted(let readOfOthers):
                moves[membership.conversation, default: [:]][place] = Move(to: target, readOfOthers: readOfOthers)
                if target == wanted.positions { moving += wanted.items }
            }
        }
        guard load.isEmpty else { return .load(load) }

        updating.removeAll(keepingCapacity: true)
        for (id, working) in conversations {
            var update = ConversationUpdate(working.state)
            for (place, move) in moves[id] ?? [:] {
                let member = working.state.members[place]
                guard move.to != member.positions else { continue }
                update.positions.append(.init(member: place, known: member.positions))
                update.state.members[place].readOfOthers = move.readOfOthers
                update.state.members[place].positions = move.to
                // Not for one's own messages, nor for what others have been seeing as read since before a mark.
                if move.readOfOthers > member.readOfOthers, move.to.readAsShown > member.positions.readAsShown {
                    update.state.members[place].positions.readAt = now
                }
                moved.insert(Membership(conversation: id, user: member.user))
            }
            choose(settings[id] ?? [:], in: &update)
            chooseByMessages(in: &update)
            summarise(working, in: &update)
            update.expectPositions(of: working.state)
            if update.isSummary || !update.positions.isEmpty || !update.settings.isEmpty { updating.append(update) }
        }
        guard updating.isEmpty else {
            updating.sort { $0.state.id < $1.state.id }
            return .update(updating)
        }
        let unread = LaneLoad(counts: uncountedUnread())
        guard unread.isEmpty else { return .load(unread) }
        answerPositions()
        answerSettings()
        return nil
    }

    mutating func absorbUpdated(matched: Int) {
        if matched == updating.reduce(0, { $0 + $1.documents }) {
            movesDone.formUnion(moving)
            for update in updating {
                conversations[update.state.id]?.state = update.state
                conversations[update.state.id]?.state.storedHead = update.state.head
                for place in update.state.members.indices {
                    conversations[update.state.id]?.state.members[place].storedSettings =
                        update.state.members[place].settings.version
                }
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

    private mutating func refuseStrangers() {
        for index in items.indices where items[index].response == nil {
            guard items[index].delivery.command.isAboutMember,
                let membership = items[index].delivery.command.membership, !exists(membership),
                strangers.contains(membership) || !unsettled.contains(membership.conversation)
            else { continue }
            items[index].response = .fault(LaneFault.unknownConversation)
        }
    }

    /// Reads conversations again whose document was changed by somebody else, or whose remembered head is below what a
    /// client has seen.
    private mutating func stepToRefresh() -> LaneStep<Handle>? {
        for item in items where item.response == nil {
            if case .settings(let command) = item.delivery.command,
                conversations[command.conversation]?.isFresh == false
            {
                // Another replica may have changed them.
                unsettle(command.conversation)
            }
            guard case .position(let command) = item.delivery.command,
                let working = conversations[command.conversation], !working.isFresh,
                let place = working.state.index(of: command.user)
            else { continue }
            let known = working.state.members[place].positions
            // Another replica may have accepted the request.
            if command.needsCurrent(known) || working.state.members[place].settings.request != nil
                || command.apply(to: known).received > max(working.state.head, known.received)
            {
                unsettle(command.conversation)
            }
        }
        guard !unsettled.isEmpty else { return nil }
        var load = LaneLoad(conversations: unsettled.sorted())
        let asked = Set(items.lazy.filter { $0.response == nil }.compactMap(\.delivery.command.membership))
        load.members = asked.filter {
            unsettled.contains($0.conversation) && conversations[$0.conversation]?.state.group != nil
        }.map(\.self)
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
    ///
    /// - Parameter settings: those that the same update stores.
    private func wantedPositions(with settings: [ConversationID: [Int: MemberSettings]]) -> [Membership: Wanted] {
        var wanted: [Membership: Wanted] = [:]
        for (index, item) in items.enumerated() where item.response == nil && !movesDone.contains(index) {
            guard case .position(let command) = item.delivery.command,
                let state = conversations[command.conversation]?.state, let place = state.index(of: command.user)
            else { continue }
            let membership = Membership(conversation: command.conversation, user: command.user)
            let stored = state.members[place].positions
            var next = wanted[membership] ?? Wanted(positions: stored)
            guard next.positions.unreadMarks == stored.unreadMarks else { continue }
            // Positions in a request would tell a stranger that it arrived.
            if (settings[state.id]?[place] ?? state.members[place].settings).request == nil {
                next.positions = command.apply(to: next.positions)
            }
            next.positions.received = min(next.positions.received, max(state.head, stored.received))
            next.positions.read = min(next.positions.read, max(state.head, stored.read))
            next.items.append(index)
            wanted[membership] = next
        }
        return wanted
    }

    /// Where a member's positions will be after an update, and what has been read then.
    private struct Move {
        var to: MemberPositions
        /// See ``ConversationState/Member/readOfOthers``.
        var readOfOthers: Int64
    }

    /// Where a member's positions will be after the next update. A way forward that is too long to be counted at once is
    /// gone in several updates.
    private func reachable(
        _ wanted: MemberPositions, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> MemberPositions {
        let known = state.members[place].positions.read
        guard wanted.read > known, min(wanted.read - known, state.head - wanted.read) > counted else { return wanted }
        var target = wanted
        target.read = known + counted
        return target
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

    private enum ReadOfOthers {
        case counted(Int64)
        /// This has to be counted first.
        case uncounted(LaneLoad.Count)
    }

    /// Messages of others at or below `read`, exactly.
    private func readOfOthers(
        at read: Int64, of place: Int, in state: ConversationState, countingAtMost counted: Int64
    ) -> ReadOfOthers {
        let member = state.members[place]
        let known = member.positions.read
        if read == known { return .counted(member.readOfOthers) }
        if read == state.head { return .counted(state.count - member.sent) }
        let parts = counts(upTo: read, of: place, in: state, countingAtMost: counted)
        var number: Int64 = 0
        for part in parts {
            guard let count = counts[part] else { return .uncounted(part) }
            number += count
        }
        if read < known { return .counted(member.readOfOthers - number) }
        let isCountedForward = parts.first?.after == known
        return .counted(isCountedForward ? member.readOfOthers + number : state.count - member.sent - number)
    }

    /// What the replies to commands about positions in groups tell, as far as it was not counted.
    private func uncountedUnread() -> [LaneLoad.Count] {
        let asked = items.lazy.filter { $0.response == nil }.compactMap { item -> LaneLoad.Count? in
            guard case .position(let command) = item.delivery.command,
                let state = conversations[command.conversation]?.state, state.group != nil,
                let place = state.index(of: command.user)
            else { return nil }
            return state.unreadCount(ofMemberAt: place)
        }
        var known: Set<LaneLoad.Count> = []
        return asked.filter { counts[$0] == nil && known.insert($0).inserted }
    }

    private mutating func answerPositions() {
        for index in items.indices where items[index].response == nil {
            guard case .position(let command) = items[index].delivery.command,
                let change = positionChange(of: command.user, in: command.conversation)
            else { continue }
            items[index].response = .position(change)
        }
    }

    func positionChange(of user: UserID, in conversation: ConversationID) -> PositionChanged? {
        guard let state = conversations[conversation]?.state, let place = state.index(of: user) else { return nil }
        let positions = state.members[place].positions
        let unread =
            state.group == nil
            ? state.unread(ofMemberAt: place) : state.unreadCount(ofMemberAt: place).map { counts[$0] ?? 0 } ?? 0
        return PositionChanged(
            conversation: conversation, user: user, received: positions.received, read: positions.read,
            unread: unread, head: state.head,
            unreadMarks: positions.unreadMarks > 0 ? positions.unreadMarks : nil, readAt: positions.readAt)
    }
}
