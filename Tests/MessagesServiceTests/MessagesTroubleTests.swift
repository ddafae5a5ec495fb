import ChatContracts
import LocalStack
import Logging
import MessageBus
import MongoStore
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import MessagesService

@Suite("The messages service in trouble", .serialized, .timeLimit(.minutes(5)))
struct MessagesTroubleTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    /// Sends serially, each message again until it is answered, as a client with an outbox does.
    private func sendAll(
        _ numbers: Range<Int>, by user: UserID, through running: RunningMessages
    ) async throws -> [Message] {
        var responses: [Message] = []
        for number in numbers {
            let id = ClientMessageID.random()
            while true {
                do {
                    responses.append(
                        try await running.send(
                            "\(number)", by: user, in: conversation, id: id, timeout: .milliseconds(1_500)))
                    break
                } catch let error as BusError where error.fault == nil {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
        }
        return responses
    }

    private func expectExact(_ running: RunningMessages, _ responses: [[Message]]) async throws {
        let stored = try await running.stored(conversation)
        #expect(stored.map(\.seq) == Array(1..<Int64(stored.count + 1)))
        #expect(stored.count == responses.joined().count)
        for responses in responses {
            #expect(responses.map(\.seq) == responses.map(\.seq).sorted())
            for response in responses { #expect(stored.contains(response)) }
        }
        let seen = try await running.get(conversation, bob)
        #expect(seen.head == Int64(stored.count))
        #expect(seen.unread == Int64(stored.count { $0.sender == ada }))
    }

    @Test func `Two replicas that come and go lose nothing, double nothing and disorder nothing`() async throws {
        try await withMessagesService(flags: ["--messages-batch", "8"]) { running async throws in
            try await running.openForBoth(ada, bob)
            let isOver = Shared(false)
            try await withThrowingTaskGroup(of: [Message]?.self) { group in
                group.addTask {
                    // Other replicas join, take over shards and are torn away without a goodbye.
                    while !isOver.value.withLock({ $0 }) {
                        try await withBriefReplica(running, for: .milliseconds(700))
                    }
                    return nil
                }
                group.addTask { try await sendAll(0..<120, by: ada, through: running) }
                group.addTask { try await sendAll(0..<120, by: bob, through: running) }
                var responses: [[Message]] = []
                while responses.count < 2, let result = try await group.next() {
                    if let result { responses.append(result) }
                }
                isOver.value.withLock { $0 = true }
                try await group.waitForAll()
                try await expectExact(running, responses)
            }
        }
    }

    @Test func `A broker that is killed and comes back loses nothing`() async throws {
        try await withPrivateBroker { node, broker async throws in
            try await withDatabase { database async throws in
                try await withMessagesService(broker: broker, database: database) { running async throws in
                    try await running.openForBoth(ada, bob)
                    try await withThrowingTaskGroup(of: [Message].self) { group in
                        group.addTask { try await sendAll(0..<150, by: ada, through: running) }
                        group.addTask { try await sendAll(0..<150, by: bob, through: running) }
                        try await eventually("some are sent") { try await running.stored(conversation).count > 40 }
                        await node.kill()
                        try await node.start()
                        var responses: [[Message]] = []
                        for try await result in group { responses.append(result) }
                        try await expectExact(running, responses)
                    }
                }
            }
        }
    }

    @Test func `A database that is away for a while loses nothing, and the commands that waited are not given up`()
        async throws
    {
        try await withPrivateReplicaSet(nodes: 1) { replicaSet async throws in
            try await withVirtualHost { broker async throws in
                let access = replicaSet.administratorAccess()
                try await withMessagesService(broker: broker, database: access) { running async throws in
                    try await running.openForBoth(ada, bob)
                    try await withThrowingTaskGroup(of: [Message].self) { group in
                        group.addTask { try await sendAll(0..<60, by: ada, through: running) }
                        group.addTask { try await sendAll(0..<60, by: bob, through: running) }
                        try await eventually("some are sent") { try await running.stored(conversation).count > 20 }
                        let node = try #require(replicaSet.nodes.first)
                        await node.kill()
                        try await node.start()
                        _ = try await replicaSet.waitForPrimary()
                        var responses: [[Message]] = []
                        for try await result in group { responses.append(result) }
                        try await expectExact(running, responses)
                    }
                }
            }
        }
    }

    @Test
    func `A replica that does not reach the database gives up all its shards, and not only those that it had work of`()
        async throws
    {
        try await withPrivateReplicaSet(nodes: 1) { replicaSet async throws in
            try await withVirtualHost { broker async throws in
                try await withDatabase { reachable async throws in
                    let lost = replicaSet.administratorAccess()
                    try await withMessagesService(broker: broker, database: lost) { running async throws in
                        // It is the active consumer of all shards by now.
                        let node = try #require(replicaSet.nodes.first)
                        await node.kill()
                        try await withReplica(running, database: reachable, flags: []) {
                            let pairs = (0..<Topology.shardCount).map(pair(inShard:))
                            try await openAll(pairs.prefix(2), through: running)
                            // Both lanes wait for their database now, and the other shards are still theirs.
                            try await openAll(pairs.dropFirst(2), through: running)
                        }
                    }
                }
            }
        }
    }

    private func openAll(_ pairs: ArraySlice<(UserID, UserID)>, through running: RunningMessages) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (user, other) in pairs { group.addTask { try await running.open(user, other) } }
            try await group.waitForAll()
        }
    }

    /// Two people whose conversation is in the shard.
    private func pair(inShard shard: Int) -> (UserID, UserID) {
        while true {
            let (user, other) = (UserID.random(), UserID.random())
            if Topology.shard(of: .direct(user, other)) == shard { return (user, other) }
        }
    }

    @Test func `While the broker takes no events, what is stored is acknowledged, and a resync follows`() async throws {
        try await withPrivateBroker { node, broker async throws in
            try await withDatabase { database async throws in
                try await withMessagesService(broker: broker, database: database) { running async throws in
                    try await running.open(ada, bob)
                }
                try await withMessagesService(broker: broker, database: database, replicas: 0) {
                    running async throws in
                    // The commands are in their queue before the alarm, and nobody is there yet to take them.
                    await withTaskGroup(of: Void.self) { group in
                        for number in 0..<30 {
                            group.addTask {
                                _ = try? await running.send(
                                    "\(number)", by: ada, in: conversation, timeout: .seconds(1))
                            }
                        }
                    }
                    try await node.setMemoryAlarm(true)
                    try await withReplica(running, flags: ["--messages-events-patience", "300ms"]) {
                        try await eventually("the queue is drained during the alarm") {
                            let isDrained = try await isEmpty(conversation, on: node, broker)
                            let stored = try await running.stored(conversation).count
                            return isDrained && stored == 30
                        }
                        #expect(running.events.all(EventName.resync).isEmpty)
                        try await node.setMemoryAlarm(false)
                        try await eventually("both members are told to sync") {
                            Set(running.events.all(EventName.resync).flatMap(\.recipients)) == [ada, bob]
                        }
                        try await expectExact(running, [try await running.stored(conversation)])
                    }
                }
            }
        }
    }

    /// What somebody has done to a conversation's document.
    enum Damage: CaseIterable {
        /// A count is no number.
        case text
        /// No number can follow the head.
        case lastNumber

        var field: BSONDocument {
            switch self {
            case .text: BSONDocument { $0.append("n", "damaged") }
            case .lastNumber: BSONDocument { $0.append("h", Int64.max) }
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `A conversation that cannot be read costs its own commands and none of their neighbours`(damage: Damage)
        async throws
    {
        try await withVirtualHost { broker in
            try await withDatabase { database in
                let neighbour = try #require(
                    (0..<1_000).lazy.map { _ in UserID.random() }.first {
                        Topology.shard(of: .direct(ada, $0)) == Topology.shard(of: conversation)
                    })
                let good = ConversationID.direct(ada, neighbour)
                try await withMessagesService(broker: broker, database: database) { running async throws in
                    try await running.open(ada, bob)
                    try await running.open(ada, neighbour)
                    let filter = MessageStore.anyOf([conversation])
                    _ = try await running.store.conversations.update(
                        filter, update: BSONDocument { $0.append("$set", damage.field) })
                }
                try await withMessagesService(broker: broker, database: database, replicas: 0) {
                    running async throws in
                    let poison = ClientMessageID.random()
                    await withTaskGroup(of: Void.self) { group in
                        for number in 0..<300 {
                            group.addTask {
                                _ = try? await running.send(
                                    "\(number)", by: ada, in: good, timeout: .seconds(1))
                            }
                            guard number == 20 else { continue }
                            group.addTask {
                                _ = try? await running.send(
                                    "to nowhere", by: ada, in: conversation, id: poison, timeout: .seconds(1))
                            }
                        }
                    }
                    try await withReplica(running, flags: []) {
                        try await eventually("all neighbours are stored") {
                            try await running.stored(good).count == 300
                        }
                        let answered = try await running.send("after", by: ada, in: good)
                        #expect(answered.seq == 301)
                        try await eventually("the shard's queue is empty") {
                            try await isEmpty(good, on: SharedBroker.node(), broker)
                        }
                        #expect(try await deadLetters(running) == [poison])
                    }
                }
            }
        }
    }

    /// Whether no command of the conversation's shard waits or is being worked on.
    private func isEmpty(_ conversation: ConversationID, on node: BrokerNode, _ broker: BrokerAccess) async throws
        -> Bool
    {
        let queues = try await node.control([
            "list_queues", "-p", broker.virtualHost, "name", "messages", "--silent",
        ])
        return queues.split(separator: "\n").contains {
            $0.split(separator: "\t") == [RunningMessages.queue(conversation)[...], "0"]
        }
    }

    /// The client message ids of what was dead-lettered.
    private func deadLetters(_ running: RunningMessages) async throws -> [ClientMessageID] {
        let subscription = CommandSubscription(
            bus: running.bus, queue: Topology.messageDeadLetters, prefetch: 100,
            deadLetterQueue: Topology.messageDeadLetters, logger: Logger(label: "dead-letters"))
        var found: [ClientMessageID] = []
        for await event in subscription.events {
            guard case .commands(let commands) = event else { continue }
            found = try commands.map { try $0.decode(SendMessage.self).clientMessageId }
            break
        }
        await subscription.cancel()
        return found
    }

    /// Runs one more replica and cancels it in the middle of its work.
    private func withBriefReplica(_ running: RunningMessages, for duration: Duration) async throws {
        try await withReplica(running, flags: ["--messages-batch", "4"]) { try? await Task.sleep(for: duration) }
    }

    /// Runs one more replica for as long as the body does, and cancels it.
    /// - Parameter database: another one than that of the others; the body then begins when this replica is ready
    private func withReplica(
        _ running: RunningMessages, database: DatabaseAccess? = nil, flags: [String], _ body: () async throws -> Void
    ) async throws {
        var logger = Logger(label: "replica")
        logger.logLevel = .critical
        let runtime = try makeRuntime(
            broker: running.broker, database: database ?? running.access, flags: flags, logger: logger)
        let services = try await buildMessagesService(runtime)
        let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
        let task = Task { try await group.run() }
        let result: Result<Void, any Error>
        do {
            if database != nil {
                try await eventually("the replica is ready") {
                    await runtime.readiness.report().isReady
                }
            }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        task.cancel()
        _ = await task.result
        try result.get()
    }
}

/// What several tasks of a test write to.
private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ initial: Value) { value = Mutex(initial) }
}
