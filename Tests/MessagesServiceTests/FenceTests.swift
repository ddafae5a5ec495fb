import ChatContracts
import MongoStore
import Testing

@testable import MessagesService

/// Two writers of one conversation at the same time, over the real database: what the queue never promises to prevent.
@Suite("Overlapping writers", .serialized, .timeLimit(.minutes(5)))
struct FenceTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    @Test(arguments: [1, 7, 64])
    func `leave one message for each id, contiguous numbers and an exact summary`(batch: Int) async throws {
        try await withMessageStore { store async throws in
            try await store.open([
                LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
                LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
            ])
            let commands = (0..<150).map { number in
                SendMessage(
                    conversation: conversation, sender: number % 3 == 0 ? bob : ada, clientMessageId: .random(),
                    text: "\(number)")
            }
            // Each writer has all commands, in another order, and half of them come from yet another retry.
            let responses = try await withThrowingTaskGroup(of: [MessageKey: Message].self) { group in
                for writer in 0..<3 {
                    let mine = writer == 0 ? commands : commands.shuffled()
                    group.addTask { try await write(mine, in: store, batch: batch) }
                }
                var all: [[MessageKey: Message]] = []
                for try await responses in group { all.append(responses) }
                return all
            }
            #expect(responses[0] == responses[1])
            #expect(responses[0] == responses[2])
            let stored = try await store.messages(
                of: conversation, after: 0, through: .max - 1, oldestFirst: true, limit: 1_000)
            #expect(stored.map(\.seq) == Array(1...150))
            #expect(Dictionary(uniqueKeysWithValues: stored.map { (MessageKey($0), $0) }) == responses[0])
            let document = try #require(try await store.conversation(conversation, of: ada))
            #expect(document.state.head == 150 && document.state.count == 150)
            #expect(document.last == stored.last)
            for (user, sent) in [(ada, Int64(100)), (bob, Int64(50))] {
                let place = try #require(document.state.index(of: user))
                #expect(document.state.members[place].sent == sent)
                #expect(document.state.unread(ofMemberAt: place) == 150 - sent)
            }
        }
    }

    @Test func `of positions leave the highest, counted exactly`() async throws {
        try await withMessageStore { store async throws in
            try await store.open([
                LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
                LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
            ])
            let sends = (0..<60).map { number in
                LaneCommand.send(
                    SendMessage(
                        conversation: conversation, sender: number % 2 == 0 ? ada : bob, clientMessageId: .random(),
                        text: "\(number)"))
            }
            _ = try await runLane(sends, in: store, batch: 60)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let moves = (Int64(1)...50).map { read in
                            LaneCommand.position(
                                SetPosition(conversation: conversation, user: ada, received: read + 3, read: read))
                        }
                        for response in try await runLane(moves.shuffled(), in: store, batch: 4) {
                            guard case .position(let change) = response else { continue }
                            // Messages with an even number are bob's; numbers begin at 1.
                            #expect(change.unread == 30 - change.read / 2)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let document = try #require(try await store.conversation(conversation, of: ada))
            let place = try #require(document.state.index(of: ada))
            #expect(document.state.members[place].positions.read == 50)
            #expect(document.state.members[place].positions.received == 53)
            #expect(document.state.unread(ofMemberAt: place) == 5)
        }
    }

    @Test(arguments: [3, 32])
    func `of changes leave each number taken once, entries as their last change says, exact counts`(batch: Int)
        async throws
    {
        try await withMessageStore { store async throws in
            try await store.open([
                LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
                LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
            ])
            // Ada sends the odd numbers, Bob the even ones.
            let sends = (1...20).map { number in
                LaneCommand.send(
                    SendMessage(
                        conversation: conversation, sender: sender(number), clientMessageId: .random(),
                        text: "\(number)"))
            }
            _ = try await runLane(sends, in: store, batch: 20)
            let commands = (Int64(1)...20).flatMap { changes(of: $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { _ = try await runLane(commands.shuffled(), in: store, batch: batch) }
                }
                try await group.waitForAll()
            }
            let document = try #require(try await store.conversation(conversation, of: ada))
            let numbers = try await store.changes(of: conversation, after: 0, through: .max - 1, limit: 10_000)
            #expect(numbers.map(\.number) == Array(1...document.state.head))
            let entries = try await store.messages(
                of: conversation, after: 0, through: .max - 1, oldestFirst: true, limit: 100)
            #expect(entries == numbers.entries().values.sorted { $0.seq < $1.seq })
            for message in entries {
                #expect(message.isDeleted == (message.seq % 4 == 0))
                #expect(message.text == (message.isDeleted ? "" : "edited"))
            }
            let markers = numbers.filter { $0.replaces != nil }.compactMap(\.message)
            #expect(Set(markers.map(\.seq)).count == markers.count, "an entry has one marker that is not spent")
            #expect(document.state.count == 15)
            for (user, unread) in [(ada, Int64(5)), (bob, Int64(10))] {
                let place = try #require(document.state.index(of: user))
                #expect(document.state.unread(ofMemberAt: place) == unread)
            }
        }
    }

    private func sender(_ number: Int) -> UserID { number % 2 == 1 ? ada : bob }

    private func changes(of seq: Int64) -> [LaneCommand] {
        let id = conversation
        let owner = sender(Int(seq))
        var changes: [LaneCommand] = [
            .change(EditMessage(conversation: id, user: owner, seq: seq, rev: seq, text: "edited")),
            .change(SetReaction(conversation: id, user: ada, seq: seq, rev: .max, emoji: "👍")),
            .change(SetReaction(conversation: id, user: bob, seq: seq, rev: .max, emoji: "👍")),
            .change(RemoveReaction(conversation: id, user: bob, seq: seq, rev: .max, emoji: "👍")),
        ]
        if seq % 4 == 0 { changes.append(.change(DeleteMessage(conversation: id, user: owner, seq: seq))) }
        return changes
    }

    @Test func `have one index on numbers: the one that earlier versions had beside _id goes`() async throws {
        try await withMessageStore { store, database async throws in
            try await store.messages.createIndexes([
                MongoIndex(name: "number", ascending: [MessageField.conversation, MessageField.rev], unique: true)
            ])
            try await store.createIndexes()
            try await store.createIndexes()
            let indexes = try await database.runCommand(BSONDocument { $0.append("listIndexes", "messages") })
                .document("cursor").documents("firstBatch")
            #expect(try indexes.map { try $0.string("name") }.sorted() == ["_id_", "mentions", "once"])
        }
    }

    private func write(
        _ commands: [SendMessage], in store: MessageStore, batch: Int
    ) async throws -> [MessageKey: Message] {
        var messages: [MessageKey: Message] = [:]
        for response in try await runLane(commands.map(LaneCommand.send), in: store, batch: batch) {
            guard case .message(let message) = response else { continue }
            messages[MessageKey(message)] = message
        }
        return messages
    }
}
