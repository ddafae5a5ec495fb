import ChatContracts
import Logging
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

/// Two writers of one conversation at the same time, over the real database: what the queue never promises to prevent.
@Suite("Overlapping writers", .serialized, .timeLimit(.minutes(3)))
struct FenceTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    @Test("leave one message for each id, contiguous numbers and an exact summary", arguments: [1, 7, 64])
    func overlap(batch: Int) async throws {
        try await withStore { store async throws in
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
            let answers = try await withThrowingTaskGroup(of: [MessageKey: Message].self) { group in
                for writer in 0..<3 {
                    let mine = writer == 0 ? commands : commands.shuffled()
                    group.addTask { try await write(mine, in: store, batch: batch) }
                }
                var all: [[MessageKey: Message]] = []
                for try await answers in group { all.append(answers) }
                return all
            }
            #expect(answers[0] == answers[1])
            #expect(answers[0] == answers[2])
            let stored = try await store.messages(
                of: conversation, after: 0, through: .max - 1, oldestFirst: true, limit: 1_000)
            #expect(stored.map(\.seq) == Array(1...150))
            #expect(Dictionary(uniqueKeysWithValues: stored.map { (MessageKey($0), $0) }) == answers[0])
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

    @Test("of positions leave the highest, counted exactly")
    func positions() async throws {
        try await withStore { store async throws in
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
            _ = try await run(sends, in: store, batch: 60)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let moves = (Int64(1)...50).map { read in
                            LaneCommand.setPosition(
                                SetPosition(conversation: conversation, user: ada, received: read + 3, read: read))
                        }
                        for answer in try await run(moves.shuffled(), in: store, batch: 4) {
                            guard case .position(let change) = answer else { continue }
                            // Messages with an even number are bob's; numbers begin at 1.
                            #expect(change.unread == 30 - change.read / 2)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let document = try #require(try await store.conversation(conversation, of: ada))
            let place = try #require(document.state.index(of: ada))
            #expect(document.state.members[place].read == 50)
            #expect(document.state.members[place].received == 53)
            #expect(document.state.unread(ofMemberAt: place) == 5)
        }
    }

    @Test("have one index on numbers: the one that earlier versions had beside _id goes")
    func numberIndex() async throws {
        try await withStore { store, database async throws in
            try await store.messages.createIndexes([
                MongoIndex(name: "number", ascending: [MessageField.conversation, MessageField.rev], unique: true)
            ])
            try await store.createIndexes()
            try await store.createIndexes()
            let indexes = try await database.runCommand(BSONDocument { $0.append("listIndexes", "messages") })
                .document("cursor").documents("firstBatch")
            #expect(try indexes.map { try $0.string("name") }.sorted() == ["_id_", "once"])
        }
    }

    private func write(
        _ commands: [SendMessage], in store: MessageStore, batch: Int
    ) async throws -> [MessageKey: Message] {
        var messages: [MessageKey: Message] = [:]
        for answer in try await run(commands.map(LaneCommand.send), in: store, batch: batch) {
            guard case .message(let message) = answer else { continue }
            messages[MessageKey(message)] = message
        }
        return messages
    }

    /// What a lane does, without a broker.
    private func run(_ commands: [LaneCommand], in store: MessageStore, batch: Int) async throws -> [LaneAnswer] {
        var bounds = LanePlanner<Int>.Bounds()
        bounds.batch = batch
        bounds.rounds = 1_000
        var planner = LanePlanner<Int>(shards: [0], bounds: bounds)
        planner.observe(
            .deliveries(
                commands.enumerated().map { index, command in
                    LaneDelivery(handle: index, shard: 0, command: command, redelivered: false, deliveryCount: 0)
                }), shard: 0)
        var answers: [LaneAnswer] = []
        while var step = planner.begin(now: .now) {
            working: while true {
                switch step {
                case .load(let load): step = planner.advance(.loaded(try await store.load(load)))
                case .open(let openings):
                    try await store.open(openings)
                    step = planner.advance(.opened)
                case .insert(let messages): step = planner.advance(.inserted(try await store.insert(messages)))
                case .update(let updates): step = planner.advance(.updated(matched: try await store.update(updates)))
                case .publish(let publication):
                    answers += publication.replies.map(\.answer)
                    step = planner.advance(.published(confirmed: true))
                case .finish: break working
                case .deadLetter, .setAside, .abandon: throw NeverAskedFor()
                }
            }
        }
        return answers
    }

    private struct NeverAskedFor: Error {}

    private func withStore(_ body: @Sendable (MessageStore) async throws -> Void) async throws {
        try await withStore { store, _ async throws in try await body(store) }
    }

    private func withStore(_ body: @Sendable (MessageStore, MongoDatabase) async throws -> Void) async throws {
        try await withDatabase { access async throws in
            let database = try MongoDatabase(configuration: access.configuration, logger: Logger(label: "test"))
            let store = MessageStore(database: database)
            try await store.createIndexes()
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(store, database))
            } catch {
                result = .failure(error)
            }
            await database.shutdown()
            try result.get()
        }
    }
}
