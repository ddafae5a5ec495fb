import AMQP
import ChatContracts
import LocalStack
import TestSupport
import Testing

@testable import MessageBus

private let update = UpdateProfile(user: UserID(high: 0, low: 1), displayName: "Ada")

/// What happens when the broker does what brokers do. Each test has a broker of its own.
@Suite(.timeLimit(.minutes(5)), .serialized) struct FaultTests {
    @Test func `when the broker is killed every call ends, and all comes back with it`() async throws {
        try await withPrivateBroker { node, access in
            try await withBus(on: access) { fixture in
                let server = fixture.server()
                server.handle(UpdateProfile.self) { request, _ in
                    User(
                        id: request.user, username: "ada", displayName: request.displayName ?? "",
                        createdAt: Timestamp(milliseconds: 0))
                }
                let client = fixture.client()
                let subscription = EventSubscription(bus: fixture.bus, keys: [], logger: BusFixture.logger)
                let publisher = fixture.publisher()
                let user = UserID.random()
                let story = Box<String>()
                try await running([server, client, subscription]) {
                    let reader = Task {
                        for await event in subscription.events {
                            switch event {
                            case .subscribed: story.append("subscribed")
                            case .lost: story.append("lost")
                            case .events(let batch):
                                for event in batch.events { story.append(String(decoding: event.data, as: UTF8.self)) }
                            }
                        }
                    }
                    try await eventually("subscriptions") {
                        client.isSubscribed && server.isSubscribed && subscription.isSubscribed
                    }
                    try await subscription.bind(Topology.bucket(of: user))
                    // A broker writes the names of new quorum queues to disk after three seconds. One that is killed
                    // earlier comes back with a queue that has no leader, ever.
                    try await Task.sleep(for: .seconds(5))
                    let (succeeded, failed) = (Box<Int>(), Box<BusError>())
                    try await within(.seconds(60)) {
                        await withDiscardingTaskGroup { group in
                            for caller in 0..<20 {
                                group.addTask {
                                    for _ in 0..<40 {
                                        let context = RequestContext(requestID: "\(caller)", timeout: .seconds(3))
                                        let error = await failure { () async throws(BusError) in
                                            try await client.call(
                                                update, queue: Topology.userCommands, form: .command, context: context)
                                        }
                                        guard let error else {
                                            succeeded.append(caller)
                                            continue
                                        }
                                        failed.append(error)
                                        try? await Task.sleep(for: .milliseconds(20))
                                    }
                                }
                            }
                            group.addTask {
                                try? await eventually("some calls succeeded") { succeeded.count > 50 }
                                await node.kill()
                            }
                        }
                    }
                    #expect(succeeded.count + failed.count == 800)
                    #expect(succeeded.count > 50)
                    #expect(!failed.values.isEmpty)
                    #expect(failed.values.allSatisfy { $0.kind == .notSent || $0.kind == .outcomeUnknown })
                    #expect(client.callsInFlight == 0)
                    #expect(fixture.bus.checkReady()?.contains("no connection") == true)
                    #expect(!client.isSubscribed && !server.isSubscribed && !subscription.isSubscribed)

                    try await node.start()
                    try await eventually("everything is back") {
                        fixture.bus.isReady && client.isSubscribed && server.isSubscribed && subscription.isSubscribed
                    }
                    _ = try await client.call(update, queue: Topology.userCommands, form: .command)
                    try await publisher.publish(events: [
                        OutgoingEvent(name: "message.sent", recipients: [user], data: Array("after".utf8))
                    ])
                    try await eventually("the event comes") { story.values.last == "after" }
                    #expect(story.values == ["subscribed", "subscribed", "lost", "after"])
                    reader.cancel()
                }
            }
        }
    }

    @Test func `a broker that takes no publications refuses at once, and recovers`() async throws {
        try await withPrivateBroker { node, access in
            try await withBus(on: access) { fixture in
                let server = fixture.server()
                server.handle(UpdateProfile.self) { request, _ in
                    User(
                        id: request.user, username: "ada", displayName: request.displayName ?? "",
                        createdAt: Timestamp(milliseconds: 0))
                }
                let client = fixture.client()
                try await running([server, client]) {
                    try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                    _ = try await client.call(update, queue: Topology.userCommands, form: .command)
                    try await node.setMemoryAlarm(true)
                    // The broker tells a connection of the alarm when it publishes next.
                    try await eventually("a call is refused") {
                        let context = RequestContext(requestID: "r", timeout: .milliseconds(500))
                        let error = await failure { () async throws(BusError) in
                            try await client.call(
                                update, queue: Topology.userCommands, form: .command, context: context)
                        }
                        return error?.kind == .notSent
                    }
                    #expect(fixture.bus.checkReady()?.contains("takes no publications") == true)
                    try await node.setMemoryAlarm(false)
                    try await eventually("ready again") { fixture.bus.isReady }
                    _ = try await client.call(update, queue: Topology.userCommands, form: .command)
                }
            }
        }
    }

    @Test func `a broker that is away is a reason, not a crash`() async throws {
        let bus = MessageBus(
            configuration: BusConfiguration(
                endpoints: [.init(host: "127.0.0.1", port: 1)], username: "nobody", password: "x", service: "test"),
            logger: BusFixture.logger)
        let client = RequestClient(bus: bus, logger: BusFixture.logger)
        let publisher = BusPublisher(bus: bus, logger: BusFixture.logger)
        try await running([bus, client]) {
            let waited = await failure { () async throws(BusError) in
                try await bus.waitUntilReady(timeout: .milliseconds(300))
            }
            #expect(waited?.kind == .notSent)
            #expect(bus.checkReady()?.contains("no connection") == true)
            let call = await failure { () async throws(BusError) in
                try await client.call(update, queue: Topology.userCommands, form: .command)
            }
            #expect(call?.kind == .notSent)
            let published = await failure { () async throws(BusError) in
                try await publisher.publish(events: [OutgoingEvent(name: "x", recipients: [], data: [])])
            }
            #expect(published?.kind == .notSent)
            publisher.send(replies: [OutgoingReply(replyTo: "x", correlationID: "1", outcome: .value([]))])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct TopologyTests {
    @Test func `declaring twice changes nothing and every queue is there`() async throws {
        try await withBus { fixture in
            try await declareTopology(BusFixture.configuration(fixture.access), logger: BusFixture.logger)
            let queues =
                (0..<Topology.shardCount).map(Topology.messageCommands) + [
                    Topology.messageQueries, Topology.userCommands, Topology.userSignIns, Topology.userQueries,
                    Topology.messageDeadLetters, Topology.userDeadLetters,
                ]
            for queue in queues { #expect(try await fixture.messages(in: queue) == 0) }
        }
    }

    @Test func `a queue that exists with other properties is a refusal with the broker's reason`() async throws {
        try await withVirtualHost { access in
            let configuration = BusFixture.configuration(access)
            let bus = MessageBus(configuration: configuration, logger: BusFixture.logger)
            try await running([bus]) {
                try await bus.waitUntilReady(timeout: .seconds(10))
                try await bus.consuming.declare([.queue(name: Topology.userQueries)])
            }
            let error = await failure { () async throws(BusError) in
                try await declareTopology(configuration, logger: BusFixture.logger)
            }
            #expect(error?.kind == .notSent)
            #expect(error.map { "\($0)" }?.contains(Topology.userQueries) == true)
        }
    }

    @Test func `a command that never works ends among the dead letters`() async throws {
        try await withBus { fixture in
            let queue = Topology.messageCommands(shard: 0)
            try await fixture.publish("poison", type: "t", to: queue)
            let consumer = fixture.bus.consuming.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: 1))
            let counts = Box<Int>()
            let reader = Task {
                for await event in consumer.events {
                    guard case .deliveries(let deliveries) = event else { continue }
                    for delivery in deliveries {
                        counts.append(delivery.deliveryCount)
                        consumer.reject(delivery, requeue: true)
                    }
                }
            }
            let letters = try await fixture.take(1, from: Topology.messageDeadLetters)
            #expect(letters.map { String(decoding: $0.message.body, as: UTF8.self) } == ["poison"])
            #expect(counts.values == Array(0...20))
            reader.cancel()
            await consumer.cancel()
        }
    }
}
