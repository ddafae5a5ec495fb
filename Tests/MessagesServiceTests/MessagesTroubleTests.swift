import ChatContracts
import LocalStack
import Logging
import MessageBus
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
        var answers: [Message] = []
        for number in numbers {
            let id = ClientMessageID.random()
            while true {
                do {
                    answers.append(
                        try await running.send(
                            "\(number)", by: user, in: conversation, id: id, timeout: .milliseconds(1_500)))
                    break
                } catch let error as BusError where error.fault == nil {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
        }
        return answers
    }

    private func expectExact(_ running: RunningMessages, _ answers: [[Message]]) async throws {
        let stored = try await running.stored(conversation)
        #expect(stored.map(\.seq) == Array(1..<Int64(stored.count + 1)))
        #expect(stored.count == answers.joined().count)
        for answers in answers {
            #expect(answers.map(\.seq) == answers.map(\.seq).sorted())
            for answer in answers { #expect(stored.contains(answer)) }
        }
        let seen = try await running.get(conversation, bob)
        #expect(seen.head == Int64(stored.count))
        #expect(seen.unread == Int64(stored.count { $0.sender == ada }))
    }

    @Test("Two replicas that come and go lose nothing, double nothing and disorder nothing")
    func replicas() async throws {
        try await withMessagesService(flags: ["--messages-batch", "8"]) { running async throws in
            try await running.open(ada, bob)
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
                var answers: [[Message]] = []
                while answers.count < 2, let result = try await group.next() {
                    if let result { answers.append(result) }
                }
                isOver.value.withLock { $0 = true }
                try await group.waitForAll()
                try await expectExact(running, answers)
            }
        }
    }

    @Test("A broker that is killed and comes back loses nothing")
    func brokerKilled() async throws {
        try await withPrivateBroker { node, broker async throws in
            try await withDatabase { database async throws in
                try await withMessagesService(broker: broker, database: database) { running async throws in
                    try await running.open(ada, bob)
                    try await withThrowingTaskGroup(of: [Message].self) { group in
                        group.addTask { try await sendAll(0..<150, by: ada, through: running) }
                        group.addTask { try await sendAll(0..<150, by: bob, through: running) }
                        try await eventually("some are sent") { try await running.stored(conversation).count > 40 }
                        await node.kill()
                        try await node.start()
                        var answers: [[Message]] = []
                        for try await result in group { answers.append(result) }
                        try await expectExact(running, answers)
                    }
                }
            }
        }
    }

    @Test("A database that is away for a while loses nothing, and the commands that waited are not given up")
    func databaseAway() async throws {
        try await withPrivateReplicaSet(nodes: 1) { replicaSet async throws in
            try await withVirtualHost { broker async throws in
                let access = replicaSet.administratorAccess()
                try await withMessagesService(broker: broker, database: access) { running async throws in
                    try await running.open(ada, bob)
                    try await withThrowingTaskGroup(of: [Message].self) { group in
                        group.addTask { try await sendAll(0..<60, by: ada, through: running) }
                        group.addTask { try await sendAll(0..<60, by: bob, through: running) }
                        try await eventually("some are sent") { try await running.stored(conversation).count > 20 }
                        let node = try #require(replicaSet.nodes.first)
                        await node.kill()
                        try await node.start()
                        _ = try await replicaSet.waitForPrimary()
                        var answers: [[Message]] = []
                        for try await result in group { answers.append(result) }
                        try await expectExact(running, answers)
                    }
                }
            }
        }
    }

    @Test("While the broker takes no events, what is stored is acknowledged, and a resync follows")
    func blockedBroker() async throws {
        try await withPrivateBroker { node, broker async throws in
            try await withDatabase { database async throws in
                let flags = ["--messages-events-patience", "300ms"]
                try await withMessagesService(broker: broker, database: database, flags: flags) {
                    running async throws in
                    try await running.open(ada, bob)
                    let before = try await running.send("before", by: ada, in: conversation)
                    // The commands must be in their queue before the alarm, or nothing would be published at all:
                    // the service is made to wait for the database's answer meanwhile by the sheer number of them.
                    let answers = Shared<[Message]>([])
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<400 {
                            group.addTask {
                                let message = try? await running.send(
                                    "\(number)", by: bob, in: conversation, timeout: .seconds(5))
                                if let message { answers.value.withLock { $0.append(message) } }
                            }
                        }
                        try await eventually("the first are stored") {
                            try await running.stored(conversation).count > 1
                        }
                        try await node.setMemoryAlarm(true)
                        try await group.waitForAll()
                        try await node.setMemoryAlarm(false)
                    }
                    try await eventually("the queue is drained and a resync is published", within: .seconds(30)) {
                        let stored = try await running.stored(conversation)
                        let told = try Set(running.events.messages(of: conversation).map(\.seq))
                        let missing = stored.filter { !told.contains($0.seq) }
                        return missing.isEmpty || !running.events.all(EventName.resync).isEmpty
                    }
                    let stored = try await running.stored(conversation)
                    #expect(stored.first == before)
                    for answer in answers.value.withLock({ $0 }) { #expect(stored.contains(answer)) }
                    #expect(stored.map(\.seq) == Array(1..<Int64(stored.count + 1)))
                }
            }
        }
    }

    /// Runs one more replica and cancels it in the middle of its work.
    private func withBriefReplica(_ running: RunningMessages, for duration: Duration) async throws {
        var logger = Logger(label: "brief")
        logger.logLevel = .critical
        let runtime = try makeRuntime(
            broker: running.broker, database: running.access, flags: ["--messages-batch", "4"], logger: logger)
        let services = try await buildMessagesService(runtime)
        let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
        let task = Task { try await group.run() }
        try? await Task.sleep(for: duration)
        task.cancel()
        _ = await task.result
    }
}

/// What several tasks of a test write to.
private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ initial: Value) { value = Mutex(initial) }
}
