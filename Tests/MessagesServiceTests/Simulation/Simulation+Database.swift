import ChatContracts

@testable import MessagesService

extension Simulation {
    /// One step of one operation: a read of one collection, or a write of one document.
    mutating func runDatabase() throws {
        let awake = database.indices.filter { database[$0].wakesAt <= clock }
        guard let place = awake.randomElement(using: &source) else { return }
        var operation = database[place]
        if operation.replica == nil { coverage.lateEffects += 1 }
        if let outcome = try advance(&operation) {
            database.remove(at: place)
            try report(outcome, of: operation)
        } else {
            database[place] = operation
        }
    }

    private mutating func advance(_ operation: inout DatabaseOperation) throws -> LaneOutcome? {
        defer { operation.progress += 1 }
        switch operation.step {
        case .load(let load): return read(load, for: &operation)
        case .open(let openings):
            store.open(openings[operation.progress])
            return operation.progress + 1 == openings.count ? .opened : nil
        case .write(let changes): return write(changes, for: &operation)
        case .update(let updates):
            operation.matched += store.update(updates[operation.progress])
            try checkDocument(updates[operation.progress].state.id)
            guard operation.progress + 1 == updates.count else { return nil }
            return .updated(
                matched:
                    shape.mistake == .blindUpdates
                    ? updates.reduce(0) { $0 + $1.documents } : operation.matched)
        case .publish(let publication): return publish(publication, progress: operation.progress)
        case .deadLetter(let rejections):
            for rejection in rejections {
                deadLettered.insert(queues[rejection.handle.shard].entries[rejection.handle.entry].operation)
                coverage.deadLetters += 1
                try settle(rejection.handle, andEarlier: false)
            }
            return .deadLettered
        case .deadLetterPoison(let rejection):
            let number = queues[rejection.handle.shard].entries[rejection.handle.entry].operation
            guard operations[number].isPoisonous else {
                throw violation("Nothing vanishes", "a command was dead-lettered that could have been executed")
            }
            deadLettered.insert(number)
            coverage.deadLetterPoison += 1
            try settle(rejection.handle, andEarlier: false)
            return .deadLettered
        }
    }

    private mutating func read(_ load: LaneLoad, for operation: inout DatabaseOperation) -> LaneOutcome? {
        switch operation.progress {
        case 0:
            guard !load.memberships.contains(where: { $0.conversation == Self.unreadable }) else {
                return .failed(.lasting("unreadable"))
            }
            let existing = load.memberships.filter(store.exists)
            for id in Set(load.conversations + existing.map(\.conversation)).sorted() {
                guard let document = store.documents[id] else { continue }
                operation.heads.append(document.state)
                operation.lasts[id] = document.last
            }
        case 1:
            for state in operation.heads { store.finish(store.changes(of: state.id, after: state.head)) }
            operation.loaded.conversations = operation.heads.map { state in
                var state = state
                state.storedHead = state.head
                state.isOpen = false
                state.areStrangers = state.head == 0 && store.ofStrangers.contains(state.id)
                if state.group != nil {
                    for asked in Set(load.memberships + load.members) where asked.conversation == state.id {
                        let stored = store.memberships[state.id]?[asked.user]
                        state.members.append(stored?.member ?? ConversationState.Member(user: asked.user))
                    }
                }
                for place in state.members.indices {
                    state.members[place].storedSettings = state.members[place].settings.version
                }
                return LoadedConversation(
                    document: state, last: operation.lasts[state.id],
                    tail: store.changes(of: state.id, after: state.head))
            }
        case 2: operation.loaded.messages = (load.messages + load.lines).compactMap { store.lookUp($0) }
        case 3:
            operation.loaded.invitations = Set(
                load.invitations.filter { store.invitations[$0.token] == $0.conversation })
            operation.loaded.entries = load.entries.compactMap { key in
                store.messages[key.conversation]?.first { $0.seq == key.seq }
            }
        default:
            for count in load.counts {
                operation.loaded.counts[count] = store.count(count)
                coverage.counted += 1
            }
            // With a read of its own, after everything else.
            operation.loaded.messages = operation.loaded.messages.map(store.withoutDeletedQuote)
            operation.loaded.entries = operation.loaded.entries.map(store.withoutDeletedQuote)
            return .loaded(operation.loaded)
        }
        return nil
    }

    private mutating func write(_ changes: [Change], for operation: inout DatabaseOperation) -> LaneOutcome? {
        if operation.progress == 0, shape.mistake == .separateCounter {
            for change in changes {
                let id = change.message.conversation
                let head = store.documents[id]?.state.head ?? 0
                store.documents[id]?.state.head = max(head, change.message.rev)
            }
        }
        if operation.progress == 0 { for change in changes { store.announceInvitation(change.message) } }
        // First what takes the numbers, then the entries behind them; anything may happen in between.
        if operation.progress < changes.count, operation.write.conflict == nil || shape.mistake == .unordered {
            let change = changes[operation.progress]
            let conflict = store.insert(change)
            if conflict == nil, operation.write.conflict == nil { operation.write.stored += 1 }
            if operation.write.conflict == nil { operation.write.conflict = conflict }
            if conflict == nil, !change.isBirth || change.message.line != nil {
                operation.behind.append(change)
                if !isCalm, source.happens(shape.stallsHalfway) {
                    operation.wakesAt = clock + Int64(source.below(shape.stall))
                }
            }
            if operation.progress + 1 == changes.count, shape.mistake == .weakWriteConcern, source.happens(50) {
                store.rollBack(change)
            }
        } else if let change = operation.behind.first {
            operation.behind.removeFirst()
            store.bringUpToDate(change)
            coverage.changes += 1
        }
        let isWritten =
            operation.progress + 1 >= changes.count
            || operation.write.conflict != nil && shape.mistake != .unordered
        return isWritten && operation.behind.isEmpty ? .written(operation.write) : nil
    }

    private mutating func publish(
        _ publication: LanePublication<SimulatedHandle>, progress: Int
    ) -> LaneOutcome? {
        guard progress > 0 else { return nil }
        for event in publication.events {
            switch event.event {
            case .messageSent(let message), .messageChanged(let message):
                let key = EntryKey(message)
                announced[key] = max(announced[key] ?? 0, message.rev)
            case .positionChanged, .conversationOpened, .settingsChanged, .conversationClosed: continue
            }
        }
        return .published(confirmed: true)
    }

    /// A document that anybody may read at any time has to be right at any time.
    mutating func checkDocument(_ id: ConversationID) throws {
        guard let document = store.documents[id], let view = store.view(of: id) else { return }
        try checkSummary(document)
        if view != document {
            coverage.completed += 1
            try checkSummary(view)
        }
        let shown = store.shown(of: id)
        for (seq, message) in store.entries(of: id, at: view.state.head) where shown[seq]?.rev ?? 0 < message.rev {
            throw violation("P4", "number \(seq) is shown without its change \(message.rev)")
        }
        guard view.state.head >= told[id] ?? 0 else {
            throw violation("Read your writes", "the summary shows \(view.state.head), \(told[id] ?? 0) had been told")
        }
    }

    private func checkSummary(_ document: SimulatedStore.Document) throws {
        let (state, id) = (document.state, document.state.id)
        let known = Array(store.entries(of: id, at: state.head).values)
        guard state.count == Int64(known.count(where: \.counts)), state.head == (known.map(\.rev).max() ?? 0) else {
            throw violation("Exact summaries", "head \(state.head), count \(state.count), \(known.count) stored")
        }
        guard document.last == known.max(by: { $0.seq < $1.seq })?.asLast else {
            throw violation("Exact summaries", "the newest message is another")
        }
        for (place, member) in state.members.enumerated() {
            let positions = member.positions
            if let told = reached[member.user], positions.isBehind(told) {
                throw violation("Positions", "\(positions) is stored, \(told) had been told")
            }
            guard positions.readAsShown >= shownAsRead[member.user] ?? 0 else {
                throw violation("Positions", "others see \(positions.readAsShown) as read again")
            }
            guard positions.unreadMarks <= asksToMark[member.user] ?? 0 else {
                throw violation("Positions", "\(positions.unreadMarks) marks were made, more than were asked for")
            }
            try checkSettings(member.settings, of: member.user)
            let unread = Int64(known.count { $0.counts && $0.sender != member.user && $0.seq > positions.read })
            guard state.unread(ofMemberAt: place) == unread else {
                throw violation(
                    "Exact unread counts", "\(state.unread(ofMemberAt: place)) instead of \(unread) unread")
            }
        }
    }

    mutating func checkEnd() throws {
        for id in store.documents.keys {
            try checkDocument(id)
            guard let document = store.view(of: id) else { continue }
            let messages = store.messages[id] ?? []
            let log = store.log[id] ?? []
            guard log.map(\.message.rev).sorted() == Array(1..<Int64(log.count + 1)) else {
                throw violation("P3", "the numbers are \(log.map(\.message.rev))")
            }
            guard Set(messages.map(MessageKey.init)).count == messages.count else {
                throw violation("P2", "a message is stored twice")
            }
            guard document.state.head == Int64(log.count) else {
                throw violation("Exact summaries", "the summary shows \(document.state.head) of \(log.count)")
            }
            for change in log {
                let isKnown = announced[EntryKey(change.message)] ?? 0 >= change.message.rev
                let isOwed =
                    document.state.group == nil
                    ? document.state.members.allSatisfy { owed.contains($0.user) } : owedGroups.contains(id)
                guard isKnown || isOwed else {
                    throw violation("Live", "nobody was told of number \(change.message.rev), and nobody will be")
                }
            }
            try checkCatchingUp(id, head: document.state.head)
            try checkReactions(id)
            try checkQuotes(id)
            try checkGroup(id, document)
            try checkRequests(document)
        }
        for (key, response) in responses where store.message(key)?.seq != response.seq {
            throw violation("P1", "number \(response.seq) was answered and is not stored so")
        }
        for client in clients {
            let numbers = client.sent.compactMap { responses[$0]?.seq }
            guard numbers.count == client.sent.count, numbers == numbers.sorted() else {
                throw violation("P3", "one sender's messages have the numbers \(numbers)")
            }
        }
        for number in operations.indices {
            switch operations[number].command {
            case .malformed where !deadLettered.contains(number):
                throw violation("Nothing vanishes", "a malformed command was not dead-lettered")
            case .send where operations[number].isPoisonous && !deadLettered.contains(number):
                throw violation("Nothing vanishes", "a command that cannot be executed was not dead-lettered")
            default: continue
            }
        }
    }

    /// A reaction is set, or taken back, at most as often as somebody asked for it.
    private func checkReactions(_ id: ConversationID) throws {
        struct Act: Hashable {
            var user: UserID
            var seq: Int64
            var sets: Bool
        }
        var left: [Act: Int] = [:]
        for case .change(let command) in operations.map(\.command) where command.conversation == id {
            switch command {
            case is SetReaction: left[Act(user: command.user, seq: command.seq, sets: true), default: 0] += 1
            case is RemoveReaction: left[Act(user: command.user, seq: command.seq, sets: false), default: 0] += 1
            default: continue
            }
        }
        var known: [Int64: Set<UserID>] = [:]
        for message in (store.log[id] ?? []).map(\.message).sorted(by: { $0.rev < $1.rev }) {
            let users = Set(message.reactions.flatMap(\.users))
            let before = known.updateValue(users, forKey: message.seq) ?? []
            guard !message.isDeleted else { continue }
            for user in users.symmetricDifference(before) {
                let act = Act(user: user, seq: message.seq, sets: users.contains(user))
                left[act, default: 0] -= 1
                guard left[act, default: 0] >= 0 else {
                    throw violation("P2", "change \(message.rev) of number \(message.seq) repeats a reaction")
                }
            }
        }
    }

    /// A reply quotes what the other message said when the reply was stored, and later changes leave that as it is.
    private func checkQuotes(_ id: ConversationID) throws {
        var quotes: [Int64: Quote] = [:]
        for change in (store.log[id] ?? []).sorted(by: { $0.message.rev < $1.message.rev }) {
            let message = change.message
            guard let quote = message.replyTo else { continue }
            let original: Quote
            if change.isBirth {
                guard let quoted = store.entries(of: id, at: message.seq - 1)[quote.seq] else {
                    throw violation("Quotes", "number \(message.seq) quotes \(quote.seq), which nobody had sent")
                }
                original = Quote(quoted)
                quotes[message.seq] = original
            } else {
                original = quotes[message.seq] ?? quote
            }
            var emptied = original
            if let deletion = store.deletion(of: EntryKey(conversation: id, seq: quote.seq)), deletion < message.rev {
                emptied.text = nil
            }
            guard quote == original || quote == emptied else {
                throw violation("Quotes", "change \(message.rev) quotes \(quote) instead of \(original)")
            }
        }
    }

    /// Who followed live, who loads now, and who catches up from any number in between has the same.
    private func checkCatchingUp(_ id: ConversationID, head: Int64) throws {
        let live = store.entries(of: id, at: head)
        guard store.shown(of: id) == live else {
            throw violation("P4", "what is stored is not what happened")
        }
        for cursor in 0...head {
            var held = store.entries(of: id, at: cursor)
            for (seq, message) in store.changes(of: id, after: cursor).entries()
            where message.rev > held[seq]?.rev ?? 0 { held[seq] = message }
            guard held == live else { throw violation("P4", "catching up from \(cursor) ends differently") }
        }
    }
}
