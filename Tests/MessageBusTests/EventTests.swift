import ChatContracts
import MessageBus
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventTests {
    /// A user in a given bucket.
    private func user(in bucket: Int) -> UserID {
        while true {
            let user = UserID.random()
            if Topology.bucket(of: user) == bucket { return user }
        }
    }

    private func event(_ name: String, _ recipients: [UserID], _ data: String) -> OutgoingEvent {
        OutgoingEvent(name: name, recipients: recipients, data: Array(data.utf8))
    }

    /// Iterates until an event has this data, and hands over the data of all up to it.
    private func data(
        until last: String, from events: inout EventSubscription.Events.AsyncIterator
    ) async throws -> (seen: [String], lost: Int) {
        var seen: [String] = []
        var lost = 0
        while let event = await events.next() {
            switch event {
            case .subscribed: break
            case .lost: lost += 1
            case .events(let batch):
                seen += batch.events.map { String(decoding: $0.data, as: UTF8.self) }
                if seen.contains(last) { return (seen, lost) }
            }
        }
        throw NeverCame()
    }

    /// A subscription whose queue keeps five messages and sends one at a time, and a user whose bucket is bound.
    private func withShortQueue(
        _ body: @Sendable (BusPublisher, UserID, inout EventSubscription.Events.AsyncIterator) async throws -> Void
    ) async throws {
        try await withBus { fixture in
            let subscription = EventSubscription(
                bus: fixture.bus, keys: [], limits: .init(messages: 5, prefetch: 1), logger: BusFixture.logger)
            let publisher = fixture.publisher()
            let here = user(in: 1)
            try await running([subscription]) {
                var events = subscription.events.makeAsyncIterator()
                guard case .subscribed? = await events.next() else { throw NeverCame() }
                try await subscription.bind(1)
                // A binding counts only after a while.
                try await Task.sleep(for: .milliseconds(2_100))
                try await body(publisher, here, &events)
            }
        }
    }

    private struct NeverCame: Error {}

    @Test func `events reach the buckets of their recipients and nobody else`() async throws {
        try await withBus { fixture in
            let subscription = EventSubscription(bus: fixture.bus, keys: ["session.ended"], logger: BusFixture.logger)
            let publisher = fixture.publisher()
            let (here, there) = (user(in: 7), user(in: 8))
            try await running([subscription]) {
                try await eventually("subscription") { subscription.isSubscribed }
                try await subscription.bind(7)
                try await publisher.publish(events: [event("message.sent", [there], "unwanted")])
                try await publisher.publish(events: [event("message.sent", [here], "one")])
                try await publisher.publish(events: [event("message.sent", [there, here], "two")])
                try await publisher.publish(events: [event("session.ended", [], "three")])
                try await subscription.unbind(7)
                try await publisher.publish(events: [event("message.sent", [here], "too late")])
                try await subscription.bind(9)
                try await publisher.publish(events: [event("message.sent", [user(in: 9)], "end")])
                var events = subscription.events.makeAsyncIterator()
                let (seen, lost) = try await data(until: "end", from: &events)
                #expect(seen == ["one", "two", "three", "end"])
                #expect(lost == 0)
            }
        }
    }

    @Test func `a batch keeps order, names and recipients, also when it is cut into several messages`() async throws {
        try await withBus { fixture in
            let subscription = EventSubscription(bus: fixture.bus, keys: [], logger: BusFixture.logger)
            let publisher = fixture.publisher()
            let users = (0..<20).map { user(in: $0) }
            try await running([subscription]) {
                try await eventually("subscription") { subscription.isSubscribed }
                for bucket in 0..<20 { try await subscription.bind(bucket) }
                let padding = String(repeating: "x", count: 3_000)
                let sent = (0..<200).map { event("e\($0 % 3)", [users[$0 % 20]], "\($0) \(padding)") }
                try await publisher.publish(events: sent)
                var received: [EventBatch.Event] = []
                for await next in subscription.events {
                    if case .events(let batch) = next { received += batch.events }
                    if received.count >= sent.count { break }
                }
                #expect(received.map { Array($0.data) } == sent.map(\.data))
                #expect(received.map(\.name) == sent.map(\.name))
                #expect(received.map(\.recipients) == sent.map(\.recipients))
            }
        }
    }

    @Test func `an event that no gateway wants is no error`() async throws {
        try await withBus { fixture in
            try await fixture.publisher().publish(events: [event("message.sent", [user(in: 1)], "x")])
            try await fixture.publisher().publish(events: [])
        }
    }

    @Test func `events that the broker drops from a full queue are noticed`() async throws {
        try await withShortQueue { publisher, here, events in
            try await publisher.publish(events: [event("message.sent", [here], "first")])
            let before = try await data(until: "first", from: &events)
            #expect(before.lost == 0)
            for number in 0..<200 {
                try await publisher.publish(events: [event("message.sent", [here], "\(number)")])
            }
            let after = try await data(until: "199", from: &events)
            #expect(after.seen.count < 200)
            if after.lost == 0 {
                guard case .lost? = await events.next() else { throw NeverCame() }
            } else {
                #expect(after.lost == 1)
            }
        }
    }

    @Test func `transient events arrive, and those that the broker drops are no loss`() async throws {
        try await withShortQueue { publisher, here, events in
            try await publisher.publish(events: [event("message.sent", [here], "first")])
            publisher.send(transient: event("conversation.typing", [here], "typing"))
            let before = try await data(until: "typing", from: &events)
            #expect(before.seen == ["first", "typing"])
            for number in 0..<200 {
                publisher.send(transient: event("conversation.typing", [here], "\(number)"))
                // Confirmed, so that the broker has taken the other as well.
                try await publisher.publish(events: [event("message.sent", [user(in: 2)], "elsewhere")])
            }
            try await publisher.publish(events: [event("message.sent", [here], "last")])
            let after = try await data(until: "last", from: &events)
            #expect(after.seen.count < 200)
            #expect(before.lost == 0 && after.lost == 0)
        }
    }
}
