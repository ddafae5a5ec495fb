import BrokerAdministration
import ChatContracts
import Logging
import MessageBus
import SetupCommand
import TestSupport
import Testing

@testable import MessagesService

@Suite("Dead letters of the messages service", .timeLimit(.minutes(5)))
struct DeadLetterTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    /// A send that lacks most of what a send needs.
    private struct HalfASend: ServiceRequest {
        static let typeName = SendMessage.typeName
        typealias Reply = Message
        var text: String
    }

    private func send(_ text: String, id: ClientMessageID) -> SendMessage {
        SendMessage(conversation: conversation, sender: ada, clientMessageId: id, text: text)
    }

    /// Puts a request where the service can only dead-letter it.
    private func poison(_ request: some ServiceRequest, through running: RunningMessages) async {
        let wrong = Topology.messageCommands(
            shard: (Topology.shard(of: conversation) + 1) % Topology.shardCount)
        _ = await fault {
            _ = try await running.client.call(
                request, queue: wrong, form: .command, context: .background(timeout: .milliseconds(200)))
        }
    }

    /// Opens the letters as an operator does: with a connection and an account of their own.
    private func withDesk<Result>(
        of running: RunningMessages, holding count: Int, _ body: (DeadLetterDesk) async throws -> Result
    ) async throws -> Result {
        let account = try await operatorAccount(at: running.broker)
        let bus = MessageBus(
            configuration: BusConfiguration(
                endpoints: [.init(host: account.host, port: account.port)], virtualHost: account.virtualHost,
                username: account.username, password: account.password, service: "operator"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let ran = Task { try? await bus.run() }
        defer { ran.cancel() }
        try await bus.waitUntilReady(timeout: .seconds(20))
        let queues = [Topology.messageDeadLetters, Topology.userDeadLetters]
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let desk = try await DeadLetterDesk.open(bus, queues: queues, atMost: 100)
            if desk.entries.count == count || ContinuousClock.now > end {
                #expect(desk.entries.count == count)
                let result = try await body(desk)
                await desk.close()
                return result
            }
            await desk.close()
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Services carry out what the operator sends on its way again, because of the account's name.
    private func operatorAccount(at broker: BrokerAccess) async throws -> BrokerAccess {
        var account = broker
        account.username = ServiceAccount.operator.name
        account.password = "the same in every virtual host"
        try await broker.administration.setUser(.init(username: account.username, password: account.password))
        try await broker.administration.setPermissions(
            ServiceAccount.operator.permissions, of: account.username, in: broker.virtualHost)
        return account
    }

    private func replayed(_ outcome: DeadLetterDesk.Outcome) -> String? {
        if case .replayed(let queue) = outcome { queue } else { nil }
    }

    @Test func `Poison is listed, replayed and stored once, however often it is replayed`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            let request = send("late", id: .random())
            await poison(request, through: running)
            await poison(request, through: running)
            #expect(try await running.stored(conversation).isEmpty)

            try await withDesk(of: running, holding: 2) { desk in
                let letter = desk.entries[0].letter
                #expect(letter.deadLetterQueue == Topology.messageDeadLetters)
                #expect(letter.origin?.hasPrefix("messages.commands.") == true)
                #expect(letter.reason.contains("does not belong to shard"))
                #expect(letter.deliveries == 1 && letter.time != nil)
                #expect(letter.sender == running.broker.username)
                #expect(replayed(await desk.replay(desk.entries[0])) == RunningMessages.queue(conversation))
            }
            try await eventually("the message is stored") {
                try await running.stored(conversation).count == 1
            }
            try await withDesk(of: running, holding: 1) { desk in
                #expect(replayed(await desk.replay(desk.entries[0])) == RunningMessages.queue(conversation))
            }
            // What is answered after the second replay came behind it in the same queue.
            let response = try await running.send("after", by: bob, in: conversation)
            #expect(response.seq == 2)
            let stored = try await running.stored(conversation)
            #expect(stored.map(\.text) == ["late", "after"])
            #expect(stored[0].clientMessageId == request.clientMessageId)
            try await withDesk(of: running, holding: 0) { _ in }
        }
    }

    @Test func `What no service can carry out stays, and looking at it any number of times loses and moves nothing`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            await poison(HalfASend(text: "half"), through: running)
            await poison(send("whole", id: .random()), through: running)
            let marks = try await withDesk(of: running, holding: 2) { desk in
                let outcome = await desk.replay(desk.entries[0])
                guard case .refused(let reason) = outcome else {
                    Issue.record("unexpected \(outcome)")
                    return desk.entries.map(\.mark)
                }
                #expect(reason.contains("conversation"))
                return desk.entries.map(\.mark)
            }
            #expect(Set(marks).count == 2)
            for _ in 0..<25 {
                try await withDesk(of: running, holding: 2) { desk in
                    #expect(desk.entries.map(\.mark) == marks)
                    #expect(desk.find(marks[1]).map(\.number) == [2])
                    #expect(desk.find("1").map(\.mark) == [marks[0]])
                }
            }
            #expect(try await running.stored(conversation).isEmpty)
        }
    }

    @Test func `A letter whose queue does not take it stays`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            await poison(send("late", id: .random()), through: running)
            try await withDesk(of: running, holding: 1) { desk in
                try await running.deleteQueue(RunningMessages.queue(conversation))
                let outcome = await desk.replay(desk.entries[0])
                guard case .failed = outcome else {
                    Issue.record("unexpected \(outcome)")
                    return
                }
            }
            try await withDesk(of: running, holding: 1) { _ in }
        }
    }
}
