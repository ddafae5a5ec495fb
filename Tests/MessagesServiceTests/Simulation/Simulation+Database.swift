import ChatContracts

@testable import MessagesService

extension Simulation {
    /// One step of one operation: a read of one collection, or a write of one document.
    mutating func runDatabase() throws {
        guard !database.isEmpty else { return }
        let place = source.below(database.count)
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
        case .insert(let messages): return insert(messages, for: &operation)
        case .update(let updates):
            if store.update(updates[operation.progress]) { operation.matched += 1 }
            try checkDocument(updates[operation.progress].state.id)
            guard operation.progress + 1 == updates.count else { return nil }
            return .updated(matched: shape.mistake == .blindUpdates ? updates.count : operation.matched)
        case .publish(let publication): return publish(publication, progress: operation.progress)
        case .deadLetter(let rejections):
            for rejection in rejections {
                deadLettered.insert(queues[rejection.handle.shard].entries[rejection.handle.entry].operation)
                coverage.deadLetters += 1
                try settle(rejection.handle, andEarlier: false)
            }
            return .deadLettered
        case .setAside(let rejection):
            let number = queues[rejection.handle.shard].entries[rejection.handle.entry].operation
            guard operations[number].isPoisonous else {
                throw violation("Nothing vanishes", "a command was set aside that could have been executed")
            }
            deadLettered.insert(number)
            coverage.setAside += 1
            try settle(rejection.handle, andEarlier: false)
            return .deadLettered
        case .finish, .abandon: return .failed(.passing)
        }
    }

    private mutating func read(_ load: LaneLoad, for operation: inout DatabaseOperation) -> LaneOutcome? {
        switch operation.progress {
        case 0:
            guard !load.memberships.contains(where: { $0.conversation == Self.unreadable }) else {
                return .failed(.lasting("unreadable"))
            }
            let existing = load.memberships.filter {
                store.documents[$0.conversation]?.state.exists(for: $0.user) ?? false
            }
            for id in Set(load.conversations + existing.map(\.conversation)).sorted() {
                guard let document = store.documents[id] else { continue }
                operation.heads.append(document.state)
                operation.lasts[id] = document.last
            }
        case 1:
            operation.loaded.conversations = operation.heads.map { state in
                var state = state
                state.storedHead = state.head
                state.isOpen = false
                return LoadedConversation(
                    document: state, last: operation.lasts[state.id],
                    tail: store.tail(of: state.id, above: state.head))
            }
        case 2: operation.loaded.messages = load.messages.compactMap { store.lookUp($0) }
        default:
            for count in load.counts {
                operation.loaded.counts[count] = store.count(count)
                coverage.counted += 1
            }
            return .loaded(operation.loaded)
        }
        return nil
    }

    private mutating func insert(_ messages: [Message], for operation: inout DatabaseOperation) -> LaneOutcome? {
        if operation.progress == 0, shape.mistake == .separateCounter {
            for message in messages {
                let head = store.documents[message.conversation]?.state.head ?? 0
                store.documents[message.conversation]?.state.head = max(head, message.seq)
            }
        }
        let message = messages[operation.progress]
        let conflict = store.insert(message)
        if conflict == nil, operation.insertion.conflict == nil { operation.insertion.stored += 1 }
        if operation.insertion.conflict == nil { operation.insertion.conflict = conflict }
        let isOver = operation.progress + 1 == messages.count
        if operation.insertion.conflict != nil, shape.mistake != .unordered { return .inserted(operation.insertion) }
        guard isOver else { return nil }
        if shape.mistake == .weakWriteConcern, source.happens(50) { store.rollBack(message) }
        return .inserted(operation.insertion)
    }

    private mutating func publish(
        _ publication: LanePublication<SimulatedHandle>, progress: Int
    ) -> LaneOutcome? {
        guard progress > 0 else { return nil }
        for event in publication.events {
            if case .messageSent(let message) = event.event { announced.insert(MessageKey(message)) }
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
        guard view.state.head >= told[id] ?? 0 else {
            throw violation("Read your writes", "the summary shows \(view.state.head), \(told[id] ?? 0) had been told")
        }
    }

    private func checkSummary(_ document: SimulatedStore.Document) throws {
        let (state, id) = (document.state, document.state.id)
        let known = (store.messages[id] ?? []).filter { $0.seq <= state.head }
        guard state.count == Int64(known.count), state.head == (known.map(\.rev).max() ?? 0) else {
            throw violation("Exact summaries", "head \(state.head), count \(state.count), \(known.count) stored")
        }
        guard document.last == known.max(by: { $0.seq < $1.seq }) else {
            throw violation("Exact summaries", "the newest message is another")
        }
        for (place, member) in state.members.enumerated() {
            guard member.received >= reached[member.user] ?? 0 else {
                throw violation("Positions", "a position has gone back to \(member.received)")
            }
            let unread = Int64(known.count { $0.sender != member.user && $0.seq > member.read })
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
            guard messages.map(\.seq).sorted() == Array(1..<Int64(messages.count + 1)) else {
                throw violation("P3", "the numbers are \(messages.map(\.seq))")
            }
            guard Set(messages.map(MessageKey.init)).count == messages.count else {
                throw violation("P2", "a message is stored twice")
            }
            guard document.state.head == Int64(messages.count) else {
                throw violation("Exact summaries", "the summary shows \(document.state.head) of \(messages.count)")
            }
            for message in messages {
                let isKnown = announced.contains(MessageKey(message))
                guard isKnown || document.state.members.allSatisfy({ owed.contains($0.user) }) else {
                    throw violation("Live", "nobody was told of number \(message.seq), and nobody will be")
                }
            }
        }
        for (key, answer) in answers where store.message(key) != answer {
            throw violation("P1", "number \(answer.seq) was answered and is not stored so")
        }
        for client in clients {
            let numbers = client.sent.compactMap { answers[$0]?.seq }
            guard numbers.count == client.sent.count, numbers == numbers.sorted() else {
                throw violation("P3", "one sender's messages have the numbers \(numbers)")
            }
        }
        for number in operations.indices {
            switch operations[number].command {
            case .malformed where !deadLettered.contains(number):
                throw violation("Nothing vanishes", "a malformed command was not handed over")
            case .send where operations[number].isPoisonous && !deadLettered.contains(number):
                throw violation("Nothing vanishes", "a command that cannot be executed was not set aside")
            default: continue
            }
        }
    }
}
