import ChatContracts

extension LaneBatch {
    /// Replies and events of everything that is decided now: all of the batch.
    mutating func stepToPublish() -> LaneStep<Handle>? {
        guard !wasPublished else { return nil }
        wasPublished = true
        answerOpenings()
        var publication = LanePublication<Handle>()
        publication.replies.reserveCapacity(items.count)
        // Before the messages themselves, so that nobody is notified of a request.
        publication.events = announcementsOfRequests()
        recipients.formUnion(publication.events.flatMap(\.recipients))
        var announced: Set<LaneEvent> = []
        for (index, item) in items.enumerated() {
            guard let response = item.response else { continue }
            let membership = item.delivery.command.membership
            let state = membership.flatMap { conversations[$0.conversation]?.state }
            let shown = state?.group == nil ? response : response.shown(from: item.historyFrom ?? .max)
            publication.replies.append(.init(handle: item.delivery.handle, response: shown))
            guard let event = event(for: response, at: index),
                event.isForAskerAlone || announced.insert(event).inserted, let membership, let state
            else { continue }
            for told in state.announcements(of: event, by: membership.user) {
                publication.events.append(told)
                recipients.formUnion(told.recipients)
                if let audience = told.audience { audiences[audience.conversation] = audience.version }
            }
        }
        return publication.replies.isEmpty ? nil : .publish(publication)
    }

    mutating func stepToDeadLetter(where isCurrent: (Item) -> Bool) -> LaneStep<Handle>? {
        guard !wasDeadLettered else { return nil }
        wasDeadLettered = true
        let rejected = items.compactMap { item -> LaneRejection<Handle>? in
            // A void delivery comes again and is dead-lettered then, once.
            guard case .malformed(let reason) = item.delivery.command, isCurrent(item) else { return nil }
            return LaneRejection(handle: item.delivery.handle, reason: reason)
        }
        return rejected.isEmpty ? nil : .deadLetter(rejected)
    }

    func completion(where isCurrent: (Item) -> Bool) -> LaneCompletion<Handle> {
        var completion = LaneCompletion<Handle>()
        var lastOfShard: [Int: Handle] = [:]
        for item in items {
            // Dead-lettering has acknowledged it already.
            if case .malformed = item.delivery.command { continue }
            completion.commands += 1
            if item.delivery.redelivered { completion.redelivered += 1 }
            if case .message(let message) = item.response, !insertedKeys.contains(MessageKey(message)) {
                completion.duplicates += 1
            }
            if isCurrent(item) { lastOfShard[item.delivery.shard] = item.delivery.handle }
        }
        completion.acknowledged = lastOfShard.keys.sorted().compactMap { lastOfShard[$0] }
        if !wasConfirmed {
            completion.unnotified = recipients
            completion.unnotifiedGroups = audiences
        }
        completion.conflicts = rounds
        return completion
    }

    private mutating func answerOpenings() {
        for index in items.indices where items[index].response == nil {
            guard case .open = items[index].delivery.command,
                let membership = items[index].delivery.command.membership,
                let working = conversations[membership.conversation],
                let view = working.state.view(for: membership.user, last: working.last)
            else { continue }
            items[index].response = .conversation(view)
        }
    }

    /// What is to be told about a command. A message is told again whenever its command comes again, because whoever
    /// stored it may have ended before telling; clients know from the number that they have it.
    private func event(for response: LaneResponse, at index: Int) -> LaneEvent? {
        let delivery = items[index].delivery
        switch response {
        case .message(let message): return .messageSent(message)
        case .changed(let message), .applied(let message):
            return changed.contains(index) || delivery.redelivered && message.rev > message.seq
                ? .messageChanged(message) : nil
        case .conversation(let conversation):
            guard let membership = delivery.command.membership,
                opened.contains(membership) || delivery.redelivered
            else { return nil }
            return .conversationOpened(ConversationOpened(conversation: conversation.id))
        case .position(let change):
            let membership = Membership(conversation: change.conversation, user: change.user)
            return moved.contains(membership) || delivery.redelivered ? .positionChanged(change) : nil
        case .settings(let change):
            guard let membership = delivery.command.membership, chosen.contains(membership) || delivery.redelivered
            else { return nil }
            return .settingsChanged(change)
        case .group(let change): return change.line.map(LaneEvent.messageSent)
        case .conflict, .fault: return nil
        }
    }
}

extension ConversationState {
    /// Who hears what of an event that a member caused.
    fileprivate func announcements(of event: LaneEvent, by asker: UserID) -> [LaneAnnouncement] {
        if event.isForAskerAlone { return [LaneAnnouncement(event: event, recipients: [asker])] }
        if let group { return announcements(of: event, by: asker, in: group) }
        let all = members.map(\.user)
        // Whoever has a request tells nobody how far it was read, not even that it was not.
        if case .positionChanged(let change) = event, waits(for: change.user) != nil {
            return [LaneAnnouncement(event: event, recipients: [change.user])]
        }
        guard case .positionChanged(let change) = event, let place = index(of: change.user),
            let seen = members[place].positions.takenBack
        else { return [LaneAnnouncement(event: event, recipients: all)] }
        // That messages are unread again is between the member and the member's devices.
        let others = PositionChanged(
            conversation: id, user: change.user, received: change.received, read: seen, unread: 0, head: seen,
            readAt: change.readAt)
        return [
            LaneAnnouncement(event: event, recipients: [change.user]),
            LaneAnnouncement(event: .positionChanged(others), recipients: all.filter { $0 != change.user }),
        ]
    }

    /// In a group an event names its audience. What some members may not see is taken out of what they hear.
    private func announcements(
        of event: LaneEvent, by asker: UserID, in group: GroupState
    ) -> [LaneAnnouncement] {
        func told(_ event: LaneEvent, to members: ClosedRange<Int64>) -> LaneAnnouncement {
            LaneAnnouncement(
                event: event, recipients: [],
                audience: GroupAudience(conversation: id, version: group.version, historyFrom: members))
        }
        switch event {
        case .messageSent(let message), .messageChanged(let message):
            var announcements: [LaneAnnouncement] = []
            if let quote = message.replyTo, quote.text != nil, (0..<message.seq).contains(quote.seq) {
                announcements.append(told(event, to: 0...quote.seq))
                var hidden = message
                hidden.replyTo?.text = nil
                let isNew = if case .messageSent = event { true } else { false }
                announcements.append(
                    told(isNew ? .messageSent(hidden) : .messageChanged(hidden), to: quote.seq + 1...message.seq))
            } else {
                announcements.append(told(event, to: 0...message.seq))
            }
            if let line = message.line, line.kind == .left || line.kind == .removed {
                announcements.append(
                    LaneAnnouncement(
                        event: .conversationClosed(ConversationClosed(conversation: id, rev: message.seq)),
                        recipients: line.users))
            }
            return announcements
        // How far somebody has read a group is told to the devices of that member.
        case .positionChanged, .conversationOpened, .settingsChanged, .conversationClosed:
            return [LaneAnnouncement(event: event, recipients: [asker])]
        }
    }
}

extension LaneResponse {
    /// A response about a group without what its asker may not see, who became a member later, or is none any more.
    fileprivate func shown(from first: Int64) -> LaneResponse {
        switch self {
        case .message(let message): .message(message.shown(from: first))
        case .changed(let message): .changed(message.shown(from: first))
        case .applied(let message): .applied(message.shown(from: first))
        case .conflict(let message): .conflict(message.shown(from: first))
        case .conversation, .position, .settings, .group, .fault: self
        }
    }
}

extension Message {
    fileprivate func shown(from first: Int64) -> Message {
        var message = self
        if let quote = replyTo, quote.seq < first { message.replyTo?.text = nil }
        // One's own message from an earlier time in the group, sent again.
        if seq < first { message.reactions = [] }
        return message
    }
}
