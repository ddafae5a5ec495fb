import AMQP
import BrokerAdministration
import ChatContracts
import TestSupport
import Testing

@testable import MessageBus

/// Somebody deletes what `martlet-setup` has declared, and it runs again. Nobody is restarted.
@Suite(.timeLimit(.minutes(5))) struct TopologyLossTests {
    private let update = UpdateProfile(user: UserID(high: 0, low: 1), displayName: "Ada")

    private func declareAgain(_ fixture: BusFixture) async throws {
        try await declareTopology(BusFixture.configuration(fixture.access), logger: BusFixture.logger)
    }

    /// Runs a client and the server that answers it.
    private func withCalls(
        _ body: @Sendable (BusFixture, @Sendable () async -> BusError?) async throws -> Void
    ) async throws {
        try await withBus { fixture in
            let server = RequestServer(
                bus: fixture.bus, queue: Topology.userCommands, prefetch: 8, concurrency: 4,
                deadLetterQueue: Topology.userDeadLetters,
                watchRhythm: .init(interval: .milliseconds(300), silence: .seconds(2)), logger: BusFixture.logger)
            server.handle(UpdateProfile.self) { request, _ in
                User(
                    id: request.user, username: "ada", displayName: request.displayName ?? "",
                    createdAt: Timestamp(milliseconds: 0))
            }
            let client = RequestClient(
                bus: fixture.bus, bindingRenewal: .milliseconds(200), logger: BusFixture.logger)
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let call: @Sendable () async -> BusError? = { [update] in
                    await failure { () async throws(BusError) in
                        try await client.call(
                            update, queue: Topology.userCommands, form: .command,
                            context: .background(timeout: .seconds(2)))
                    }
                }
                #expect(await call() == nil)
                try await body(fixture, call)
            }
        }
    }

    @Test func `a deleted queue refuses, and is consumed again when it is there again`() async throws {
        try await withCalls { fixture, call in
            try await fixture.access.administration.deleteQueue(
                Topology.userCommands, in: fixture.access.virtualHost)
            let error = try #require(await call())
            #expect(!error.outcomeUnknown, "\(error)")
            try await declareAgain(fixture)
            try await eventually("calls are answered again") { await call() == nil }
        }
    }

    @Test func `a deleted binding of a queue refuses, and nothing else is needed than the binding`() async throws {
        try await withCalls { fixture, call in
            try await fixture.access.administration.deleteBinding(
                of: Topology.userCommands, to: Topology.commandsExchange, key: Topology.userCommands,
                in: fixture.access.virtualHost)
            let error = try #require(await call())
            #expect(!error.outcomeUnknown, "\(error)")
            try await declareAgain(fixture)
            #expect(await call() == nil)
        }
    }

    @Test func `the exchange of commands may go and come back`() async throws {
        try await withCalls { fixture, call in
            try await fixture.access.administration.deleteExchange(
                Topology.commandsExchange, in: fixture.access.virtualHost)
            #expect(await call() != nil)
            try await declareAgain(fixture)
            try await eventually("calls are answered again") { await call() == nil }
        }
    }

    @Test func `the exchange of replies may go and come back, and without it nothing is asked`() async throws {
        try await withCalls { fixture, call in
            try await fixture.access.administration.deleteExchange(
                Topology.repliesExchange, in: fixture.access.virtualHost)
            try await eventually("calls are refused before they are made") {
                await call().map { !$0.outcomeUnknown } ?? false
            }
            try await declareAgain(fixture)
            try await eventually("calls are answered again") { await call() == nil }
        }
    }

    @Test func `an exchange of replies that was replaced has its binding again`() async throws {
        try await withCalls { fixture, call in
            try await fixture.access.administration.deleteExchange(
                Topology.repliesExchange, in: fixture.access.virtualHost)
            try await declareAgain(fixture)
            try await eventually("calls are answered again") { await call() == nil }
        }
    }

    @Test func `a subscription to commands comes back with its queue`() async throws {
        try await withBus { fixture in
            let queue = Topology.messageCommands(shard: 3)
            let subscription = CommandSubscription(
                bus: fixture.bus, queue: queue, prefetch: 10, deadLetterQueue: Topology.messageDeadLetters,
                logger: BusFixture.logger)
            let (bodies, losses) = (Box<String>(), Box<Bool>())
            let reader = Task {
                for await event in subscription.events {
                    switch event {
                    case .subscribed: break
                    case .lost: losses.append(true)
                    case .commands(let commands):
                        for command in commands { bodies.append(String(decoding: command.body, as: UTF8.self)) }
                    }
                }
            }
            try await eventually("the subscription") { subscription.isSubscribed }
            try await fixture.access.administration.deleteQueue(queue, in: fixture.access.virtualHost)
            try await eventually("the loss is told") { losses.count == 1 && !subscription.isSubscribed }
            try await declareAgain(fixture)
            try await fixture.publish("\"after\"", type: "test.v1", to: queue)
            try await eventually("the command arrives") { bodies.values == ["\"after\""] }
            await subscription.cancel()
            await reader.value
        }
    }

    // MARK: Events

    /// Runs a subscription to one user's events.
    private func withEvents(
        renewal: Duration = .milliseconds(200), probing: Duration = .seconds(60),
        _ body: @Sendable (BusFixture, EventSubscription, UserID, Box<String>) async throws -> Void
    ) async throws {
        try await withBus { fixture in
            let subscription = EventSubscription(
                bus: fixture.bus, keys: [EventName.resync], bindingRenewal: renewal, probing: probing,
                logger: BusFixture.logger)
            let user = UserID.random()
            let story = Box<String>()
            try await running([subscription]) {
                let reader = Task {
                    for await event in subscription.events {
                        switch event {
                        case .subscribed: story.append("subscribed")
                        case .lost: story.append("lost")
                        case .events(let batch): story.append(String(decoding: batch.events[0].data, as: UTF8.self))
                        }
                    }
                }
                try await eventually("the subscription") { subscription.isSubscribed }
                try await subscription.bind(Topology.bucket(of: user))
                try await body(fixture, subscription, user, story)
                reader.cancel()
            }
        }
    }

    private func event(_ data: String, to user: UserID) -> OutgoingEvent {
        OutgoingEvent(name: EventName.messageSent, recipients: [user], data: Array(data.utf8))
    }

    @Test func `the exchange of events may go and come back, and everybody is told that something may be missing`()
        async throws
    {
        try await withEvents { fixture, subscription, user, story in
            let publisher = fixture.publisher()
            try await fixture.access.administration.deleteExchange(
                Topology.eventsExchange, in: fixture.access.virtualHost)
            try await eventually("the loss is noticed") { !subscription.isSubscribed }
            try await declareAgain(fixture)
            try await eventually("the subscription is back") { story.values == ["subscribed", "subscribed", "lost"] }
            try await publisher.publish(events: [event("after", to: user)])
            try await eventually("the event arrives") { story.values.last == "after" }
        }
    }

    @Test func `an exchange of events that was replaced is bound again, and what was missed is noticed`() async throws {
        try await withEvents(renewal: .seconds(4)) { fixture, subscription, user, story in
            let publisher = fixture.publisher()
            // Numbers count from a while after the binding was made.
            try await Task.sleep(for: .milliseconds(2_500))
            try await publisher.publish(events: [event("one", to: user)])
            try await eventually("the first event arrives") { story.values.last == "one" }
            try await fixture.access.administration.deleteExchange(
                Topology.eventsExchange, in: fixture.access.virtualHost)
            try await declareAgain(fixture)
            for number in 0..<100 { try await publisher.publish(events: [event("missed \(number)", to: user)]) }
            try await eventually("later events arrive, and the gap before them is told") {
                try await publisher.publish(events: [event("after", to: user)])
                return story.values.contains("after") && story.values.contains("lost")
            }
            #expect(!story.values.contains("missed 0"))
        }
    }

    @Test func `an exchange of events that was replaced is noticed also when nothing more is said`() async throws {
        // The renewal puts the bindings back so soon that only what was missed is left to notice.
        try await withEvents(renewal: .milliseconds(100), probing: .milliseconds(500)) { fixture, _, user, story in
            let publisher = fixture.publisher()
            // Probes that arrive are no events and no loss.
            try await Task.sleep(for: .seconds(2))
            #expect(story.values == ["subscribed"])
            try await fixture.access.administration.deleteExchange(
                Topology.eventsExchange, in: fixture.access.virtualHost)
            try await declareAgain(fixture)
            try await eventually("the loss is told") { story.values.contains("lost") }
            try await publisher.publish(events: [event("after", to: user)])
            try await eventually("the event arrives") { story.values.last == "after" }
        }
    }
}
