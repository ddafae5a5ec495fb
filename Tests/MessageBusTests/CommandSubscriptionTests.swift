import AMQP
import ChatContracts
import MessageBus
import TestSupport
import Testing

private let shard = Topology.messageCommands(shard: 3)

@Suite(.timeLimit(.minutes(5))) struct CommandSubscriptionTests {
    private func subscription(_ fixture: BusFixture, prefetch: Int = 256) -> CommandSubscription {
        CommandSubscription(
            bus: fixture.bus, queue: shard, prefetch: prefetch, deadLetterQueue: Topology.messageDeadLetters,
            logger: BusFixture.logger)
    }

    /// Iterates until it has `count` commands, and hands over what there was.
    private func take(
        _ count: Int, from iterator: inout CommandSubscription.Events.AsyncIterator
    ) async throws -> [CommandDelivery] {
        var commands: [CommandDelivery] = []
        while commands.count < count {
            guard let event = await iterator.next() else { throw Ended() }
            if case .commands(let more) = event { commands += more }
        }
        return commands
    }

    private struct Ended: Error {}

    private func number(_ delivery: CommandDelivery) -> Int? { Int(String(decoding: delivery.body, as: UTF8.self)) }

    @Test func `commands come in order and are settled through one of them`() async throws {
        try await withBus { fixture in
            for number in 0..<50 { try await fixture.publish("\(number)", type: "t", to: shard) }
            let subscription = subscription(fixture)
            var events = subscription.events.makeAsyncIterator()
            let commands = try await take(50, from: &events)
            #expect(commands.map(number) == Array(0..<50))
            #expect(commands.allSatisfy { $0.type == "t" && $0.queue == shard && !$0.redelivered && $0.replyTo == nil })
            subscription.acknowledge(through: commands[29])
            subscription.acknowledge(commands[40])
            subscription.resubscribe()
            let again = try await take(19, from: &events)
            #expect(again.map(number) == Array(30..<40) + Array(41..<50))
            #expect(again.allSatisfy { $0.redelivered && $0.deliveryCount == 1 })
            subscription.acknowledge(through: again[18])
            await subscription.cancel()
            #expect(await events.next() == nil)
            try await eventually("nothing is left") { try await fixture.messages(in: shard) == 0 }
        }
    }

    @Test func `no more than the prefetch is handed out before something is settled`() async throws {
        try await withBus { fixture in
            for number in 0..<10 { try await fixture.publish("\(number)", type: "t", to: shard) }
            let subscription = subscription(fixture, prefetch: 4)
            var events = subscription.events.makeAsyncIterator()
            let first = try await take(4, from: &events)
            #expect(first.count == 4)
            subscription.acknowledge(through: first[1])
            let more = try await take(2, from: &events)
            #expect(more.map(number) == [4, 5])
            await subscription.cancel()
        }
    }

    @Test func `one consumer is active at a time, and the next takes over in order`() async throws {
        try await withBus { fixture in
            let first = subscription(fixture)
            var firstEvents = first.events.makeAsyncIterator()
            guard case .subscribed? = await firstEvents.next() else { throw Ended() }
            let second = subscription(fixture)
            var secondEvents = second.events.makeAsyncIterator()
            guard case .subscribed? = await secondEvents.next() else { throw Ended() }
            for number in 0..<5 { try await fixture.publish("\(number)", type: "t", to: shard) }
            let taken = try await take(5, from: &firstEvents)
            first.acknowledge(through: taken[1])
            await first.cancel()
            let rest = try await take(3, from: &secondEvents)
            #expect(rest.map(number) == [2, 3, 4])
            await second.cancel()
        }
    }

    @Test func `a dead letter carries the reason and is settled, its neighbours are not`() async throws {
        try await withBus { fixture in
            for body in ["1", "broken", "2"] { try await fixture.publish(body, type: "t", to: shard) }
            let subscription = subscription(fixture)
            var events = subscription.events.makeAsyncIterator()
            let commands = try await take(3, from: &events)
            try await subscription.deadLetter(commands[1], reason: "No number.")
            let letters = try await fixture.take(1, from: Topology.messageDeadLetters)
            #expect(letters.map { String(decoding: $0.message.body, as: UTF8.self) } == ["broken"])
            #expect(letters[0].message.properties.headers["x-martlet-reason"]?.stringValue == "No number.")
            #expect(letters[0].message.properties.headers["x-martlet-queue"]?.stringValue == shard)
            subscription.resubscribe()
            let again = try await take(2, from: &events)
            #expect(again.map(number) == [1, 2])
            await subscription.cancel()
        }
    }

    @Test func `replies of a batch reach their askers in one message each`() async throws {
        try await withBus { fixture in
            let client = fixture.client()
            let subscription = subscription(fixture)
            let publisher = fixture.publisher()
            let user = UserID(high: 0, low: 1)
            try await running([client]) {
                try await eventually("subscription") { client.isSubscribed }
                try await withThrowingTaskGroup(of: Int64?.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            do {
                                return try await client.call(
                                    SetPosition(conversation: .random(), user: user, read: Int64(number)),
                                    queue: shard, form: .command
                                ).read
                            } catch let error as BusError {
                                #expect(error.fault?.code == .notFound)
                                return nil
                            }
                        }
                    }
                    var events = subscription.events.makeAsyncIterator()
                    let commands = try await take(20, from: &events)
                    publisher.send(
                        replies: try commands.map { command in
                            let request = try command.decode(SetPosition.self)
                            let outcome: OutgoingReply.Outcome =
                                request.read == 7
                                ? .fault(Fault(.notFound, "No."))
                                : .value(
                                    Array(
                                        #"{"conversation":"\#(request.conversation)","user":"\#(user)","read":\#(request.read ?? 0),"received":0,"unread":0,"head":0}"#
                                            .utf8))
                            return OutgoingReply(
                                replyTo: try #require(command.replyTo), correlationID: command.correlationID,
                                outcome: outcome)
                        })
                    subscription.acknowledge(through: commands[19])
                    var read: [Int64?] = []
                    for try await position in group { read.append(position) }
                    #expect(Set(read) == Set((0..<20).filter { $0 != 7 }.map { Int64?($0) } + [nil]))
                }
            }
            await subscription.cancel()
        }
    }
}
