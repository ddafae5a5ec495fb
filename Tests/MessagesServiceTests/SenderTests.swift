import BrokerAdministration
import ChatContracts
import Logging
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

@Suite("Commands and queries of other broker users", .serialized, .timeLimit(.minutes(5)))
struct SenderTests {
    @Test func `are not carried out: commands are dead-lettered with the reason, queries are not answered`()
        async throws
    {
        try await withMessagesService { running async throws in
            let (ada, bob) = (UserID.random(), UserID.random())
            let conversation = ConversationID.direct(ada, bob)
            try await running.open(ada, bob)
            try await running.send("by a gateway", by: ada, in: conversation)
            let account = try await running.broker.addingUser("stranger", permissions: .all)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let bus = MessageBus(
                configuration: BusConfiguration(
                    endpoints: [.init(host: account.host, port: account.port)], virtualHost: account.virtualHost,
                    username: account.username, password: account.password,
                    // The stranger would believe the services, if they answered.
                    senders: TrustedSenders(announcers: [running.broker.username]), service: "stranger"),
                logger: logger)
            let client = RequestClient(bus: bus, logger: logger)
            let ran = [Task { try? await bus.run() }, Task { try? await client.run() }]
            defer { for task in ran { task.cancel() } }
            try await eventually("the stranger is connected") { client.isSubscribed }
            let patience = RequestContext.background(timeout: .seconds(2))
            let command = SendMessage(
                conversation: conversation, sender: ada, clientMessageId: .random(), text: "forged")
            await #expect(throws: BusError.self) {
                try await client.call(
                    command, queue: RunningMessages.queue(conversation), form: .command, context: patience)
            }
            await #expect(throws: BusError.self) {
                try await client.call(
                    ListConversations(user: ada), queue: Topology.messageQueries, form: .query, context: patience)
            }
            #expect(try await running.stored(conversation).map(\.text) == ["by a gateway"])
            let letters = try await running.bus.openDeadLetters(Topology.messageDeadLetters, atMost: 10)
            await letters.close()
            #expect(letters.letters.map(\.sender) == [account.username])
            #expect(letters.letters.allSatisfy { $0.reason.contains("'\(account.username)' may not send") })
            // The shard goes on.
            #expect(try await running.send("after", by: ada, in: conversation).seq == 2)
        }
    }
}
