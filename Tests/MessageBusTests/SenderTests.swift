import AMQP
import BrokerAdministration
import ChatContracts
import TestSupport
import Testing

@testable import MessageBus

@Suite(.timeLimit(.minutes(5))) struct SenderTests {
    private static let body = #"{"displayName":"Ada","user":"\#(UserID(high: 0, low: 1))"}"#

    /// The bus of another broker user with all rights.
    private func withStranger(
        on access: BrokerAccess, _ body: (MessageBus) async throws -> Void
    ) async throws {
        let account = try await access.addingUser("stranger", permissions: .all)
        let bus = MessageBus(configuration: BusFixture.configuration(account), logger: BusFixture.logger)
        try await running([bus]) {
            try await bus.waitUntilReady(timeout: .seconds(10))
            try await body(bus)
        }
    }

    private func request(from user: String?, persistent: Bool) -> AMQPPublication {
        AMQPPublication(
            exchange: Topology.commandsExchange, routingKey: Topology.userCommands, mandatory: true,
            message: AMQPMessage(
                properties: AMQPProperties(type: UpdateProfile.typeName, userID: user, persistent: persistent),
                body: Array(Self.body.utf8)))
    }

    @Test func `a command of another broker user or of nobody is dead-lettered, a query dropped, and neither is run`()
        async throws
    {
        try await withBus { fixture in
            try await withStranger(on: fixture.access) { stranger in
                let server = fixture.server()
                let seen = Box<String>()
                server.handle(UpdateProfile.self) { request, _ in
                    seen.append(request.displayName ?? "")
                    return User(
                        id: request.user, username: "ada", displayName: "Ada", createdAt: Timestamp(milliseconds: 0))
                }
                try await running([server]) {
                    try await eventually("subscription") { server.isSubscribed }
                    let name = stranger.configuration.username
                    for persistent in [true, false] {
                        try await stranger.replies.publish(request(from: name, persistent: persistent))
                        try await stranger.replies.publish(request(from: nil, persistent: persistent))
                    }
                    let letters = try await fixture.take(2, from: Topology.userDeadLetters)
                    let reasons = letters.compactMap {
                        $0.message.properties.headers[MessageHeaders.reason]?.stringValue
                    }
                    #expect(reasons.contains { $0.contains("'\(name)' may not send") })
                    #expect(reasons.contains { $0.contains("does not say") })
                    // One of the right user, behind the others, is run.
                    try await fixture.bus.replies.publish(
                        request(from: fixture.access.username, persistent: true))
                    try await eventually("the right one is run") { seen.count == 1 }
                    #expect(try await fixture.messages(in: Topology.userDeadLetters) == 0)
                }
            }
        }
    }

    @Test func `events and replies of another broker user are ignored`() async throws {
        try await withBus { fixture in
            try await withStranger(on: fixture.access) { stranger in
                let subscription = EventSubscription(
                    bus: fixture.bus, keys: [EventName.resync], logger: BusFixture.logger)
                let client = fixture.client()
                try await running([subscription, client]) {
                    try await eventually("subscriptions") { subscription.isSubscribed && client.isSubscribed }
                    func publish(_ text: String, through bus: MessageBus) async throws {
                        try await BusPublisher(bus: bus, logger: BusFixture.logger).publish(events: [
                            OutgoingEvent(name: EventName.resync, recipients: [], data: Array(text.utf8))
                        ])
                    }
                    try await publish("forged", through: stranger)
                    try await publish("right", through: fixture.bus)
                    let first = try await within(.seconds(60)) {
                        for await event in subscription.events {
                            if case .events(let batch) = event, let event = batch.events.first {
                                return String(decoding: event.data, as: UTF8.self)
                            }
                        }
                        return "none"
                    }
                    #expect(first == "right")

                    async let answer = client.call(
                        UpdateProfile(user: UserID(high: 0, low: 1), displayName: "x"), queue: Topology.userCommands,
                        form: .command, context: .background(timeout: .seconds(10)))
                    let command = try #require(try await fixture.take(1, from: Topology.userCommands).first)
                    let fields = command.message.properties
                    func reply(_ message: String) -> OutgoingReply {
                        OutgoingReply(
                            replyTo: fields.replyTo ?? "", correlationID: fields.correlationID ?? "",
                            outcome: .fault(Fault(.invalid, message)))
                    }
                    stranger.send(replies: [reply("forged")], over: stranger.replies, logger: BusFixture.logger)
                    // So that the forged one is certainly there first.
                    try await stranger.replies.publish(request(from: stranger.configuration.username, persistent: true))
                    fixture.bus.send(
                        replies: [reply("right")], over: fixture.bus.replies, logger: BusFixture.logger)
                    do {
                        _ = try await answer
                        Issue.record("the command was refused")
                    } catch {
                        #expect((error as? BusError)?.fault?.message == "right")
                    }
                }
            }
        }
    }

    @Test func `one costly kind of request waits for its turn, is refused beyond a bound, and leaves room for others`()
        async throws
    {
        try await withBus { fixture in
            let server = fixture.server(of: Topology.userQueries, prefetch: 8, concurrency: 2)
            let gate = Gate()
            server.handle(ListUsers.self, atMost: 1) { _, _ in
                await gate.wait()
                return UserList(users: [])
            }
            server.handle(LookUpUsers.self) { _, _ in UserList(users: []) }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let results = await withTaskGroup(of: Bool.self) { group in
                    // One runs, four wait, the sixth is one too many.
                    for _ in 0..<6 {
                        group.addTask {
                            let error = await failure { () async throws(BusError) in
                                try await client.call(
                                    ListUsers(prefix: "", after: nil, limit: 1), queue: Topology.userQueries,
                                    form: .query, context: .background(timeout: .seconds(20)))
                            }
                            if let error { #expect(error.fault?.code == .busy) }
                            return error == nil
                        }
                    }
                    #expect(await group.next() == false, "the one too many is answered at once")
                    let other = await failure { () async throws(BusError) in
                        try await client.call(look, queue: Topology.userQueries, form: .query)
                    }
                    #expect(other == nil, "another kind is answered meanwhile")
                    gate.open()
                    var results: [Bool] = []
                    for await result in group { results.append(result) }
                    return results
                }
                #expect(results == [true, true, true, true, true])
            }
        }
    }

    @Test func `a stranger is not even told that too many requests wait`() async throws {
        try await withBus { fixture in
            let account = try await fixture.access.addingUser("stranger", permissions: .all)
            // It would believe the server.
            var configuration = BusFixture.configuration(account)
            configuration.senders.announcers.insert(fixture.access.username)
            let stranger = MessageBus(configuration: configuration, logger: BusFixture.logger)
            let strangers = RequestClient(bus: stranger, logger: BusFixture.logger)
            let server = fixture.server(of: Topology.userQueries, prefetch: 8, concurrency: 2)
            let gate = Gate()
            server.handle(ListUsers.self, atMost: 1) { _, _ in
                await gate.wait()
                return UserList(users: [])
            }
            let client = fixture.client()
            try await running([stranger, strangers, server, client]) {
                try await eventually("subscriptions") {
                    client.isSubscribed && strangers.isSubscribed && server.isSubscribed
                }
                @Sendable func ask(_ client: RequestClient, within timeout: Duration) async -> BusError? {
                    await failure { () async throws(BusError) in
                        try await client.call(
                            ListUsers(prefix: "", after: nil, limit: 1), queue: Topology.userQueries, form: .query,
                            context: .background(timeout: timeout))
                    }
                }
                await withTaskGroup(of: BusError?.self) { group in
                    // One runs, four wait, the sixth is one too many and says that all places are taken.
                    for _ in 0..<6 { group.addTask { await ask(client, within: .seconds(20)) } }
                    #expect(await group.next()??.fault?.code == .busy)
                    let error = await ask(strangers, within: .seconds(2))
                    #expect(error != nil && error?.fault == nil, "no answer, not even that it is busy")
                    gate.open()
                    for await error in group { #expect(error == nil) }
                }
            }
        }
    }
}

private let look = LookUpUsers(usernames: ["ada"])

/// Holds tasks up until it is opened.
private final class Gate: Sendable {
    private let opened = Box<Bool>()

    func open() { opened.append(true) }

    func wait() async {
        while opened.count == 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
