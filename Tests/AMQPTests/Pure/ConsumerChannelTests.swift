import Logging
import Testing

@testable import AMQP

/// What is written, instead of a broker that reads it.
private final class RecordingSink: MethodSink {
    struct Entry: Equatable {
        var method: OutgoingMethod
        var channel: UInt16
    }

    private var entries: [Entry] = []

    func write(_ method: OutgoingMethod, channel: UInt16) { entries.append(Entry(method: method, channel: channel)) }

    /// What was written since the last look.
    func take() -> [Entry] {
        defer { entries = [] }
        return entries
    }
}

extension [RecordingSink.Entry] {
    fileprivate func contains(_ method: OutgoingMethod, on channel: UInt16) -> Bool {
        contains(RecordingSink.Entry(method: method, channel: channel))
    }

    fileprivate var consumerTag: String? {
        for case .consume(_, let tag, _, _, _) in map(\.method) { return tag }
        return nil
    }
}

@Suite("A consumer's channel")
struct ConsumerChannelTests {
    private static let pause = Duration.milliseconds(10)
    private static let closing = OutgoingMethod.channelClose(code: 200, text: "done")

    private let sink = RecordingSink()
    private let stream = ConsumerStream(configuration: AMQPConsumerConfiguration(queue: "q", prefetch: 10))
    private let consumer: ConsumerChannel
    private let start = ContinuousClock.now

    init() {
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        consumer = ConsumerChannel(
            stream: stream, limits: Limits(operationTimeout: .seconds(5), reconnectDelay: Self.pause...Self.pause),
            logger: logger)
    }

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func receive(_ methods: IncomingMethod..., at seconds: Int) throws {
        for method in methods { try consumer.receive(.method(method), at: at(seconds)) }
    }

    private func delivery(_ tag: String) -> FrameAssembler.Assembled {
        .content(
            .deliver(
                .init(consumerTag: tag, deliveryTag: 1, redelivered: false, exchange: "", routingKey: "q")),
            AMQPMessage(body: [1]))
    }

    /// Subscribes on channel 2 at the start.
    /// - Returns: the consumer tag.
    private func subscribe() throws -> String {
        consumer.connected(sink, number: 2, at: start)
        let tag = try #require(sink.take().consumerTag)
        try receive(.channelOpenOK, .qosOK, .consumeOK(tag: tag), at: 0)
        #expect(stream.isSubscribed)
        return tag
    }

    /// A subscription on `number` that is answered neither itself nor in its closing.
    private func abandon(_ number: UInt16, from seconds: Int) throws -> AbandonedChannel {
        consumer.connected(sink, number: number, at: at(seconds))
        #expect(consumer.giveUpOverdue(at: at(seconds + 5)) == nil)
        let abandoned = try #require(consumer.giveUpOverdue(at: at(seconds + 10)))
        _ = sink.take()
        return abandoned
    }

    @Test func `an overdue subscription closes its channel and tries again on it once that is answered`() throws {
        consumer.connected(sink, number: 2, at: start)
        let tag = try #require(sink.take().consumerTag)
        try receive(.channelOpenOK, at: 1)
        #expect(consumer.giveUpOverdue(at: at(4)) == nil)
        #expect(sink.take().isEmpty)

        #expect(consumer.giveUpOverdue(at: at(5)) == nil)
        #expect(sink.take() == [RecordingSink.Entry(method: Self.closing, channel: 2)])
        #expect(consumer.deadline == at(10))

        // The answers come late: they mean nothing any more.
        try receive(.qosOK, .consumeOK(tag: tag), at: 6)
        try consumer.receive(delivery(tag), at: at(6))
        consumer.handOver()
        #expect(!stream.isSubscribed)
        #expect(consumer.retryAt == nil)

        try receive(.channelCloseOK, at: 7)
        let retryAt = try #require(consumer.retryAt)
        #expect(retryAt >= at(7) && retryAt <= at(7) + Self.pause)
        #expect(!consumer.needsNumber(at: at(8)))
        consumer.pump(at: at(8))
        let written = sink.take()
        #expect(written.contains(.channelOpen, on: 2))
        let second = try #require(written.consumerTag)
        #expect(second != tag)
        try receive(.channelOpenOK, .qosOK, .consumeOK(tag: second), at: 8)
        #expect(stream.isSubscribed)
        #expect(consumer.deadline == nil)
    }

    @Test func `a channel whose closing is overdue too is left alone, and the next attempt takes another`() throws {
        let first = try abandon(2, from: 0)
        #expect(first.number == 2)
        #expect(consumer.number == nil)
        #expect(consumer.deadline == nil)
        #expect(consumer.giveUpOverdue(at: at(60)) == nil)
        #expect(consumer.needsNumber(at: at(11)))
        consumer.pump(at: at(11))
        #expect(sink.take().isEmpty)

        consumer.connected(sink, number: 3, at: at(11))
        let written = sink.take()
        #expect(written.contains(.channelOpen, on: 3))
        let tag = try #require(written.consumerTag)
        try receive(.channelOpenOK, .qosOK, .consumeOK(tag: tag), at: 12)
        #expect(stream.isSubscribed)
    }

    @Test func `only so many channels are left unanswered at a time`() throws {
        let left = [try abandon(2, from: 0), try abandon(3, from: 20), try abandon(4, from: 40)]
        #expect(consumer.retryAt == nil)
        #expect(!consumer.needsNumber(at: at(1000)))
        left[1].receive(.method(.channelCloseOK))
        #expect(consumer.retryAt != nil)
        #expect(consumer.needsNumber(at: at(1000)))
        _ = try abandon(5, from: 1000)
        #expect(!consumer.needsNumber(at: at(2000)))

        // A new connection starts without this burden.
        consumer.disconnected(AMQPError(.notConnected, "gone"))
        consumer.connected(sink, number: 2, at: at(2000))
        consumer.pump(at: at(2001))
        #expect(sink.take().contains(.channelOpen, on: 2))
    }

    @Test func `a subscription under way when the connection ended lets the others go first on the next`() throws {
        consumer.connected(sink, number: 2, at: start)
        _ = sink.take()
        consumer.disconnected(AMQPError(.notConnected, "INTERNAL_ERROR"))
        consumer.connected(sink, number: 2, at: at(1))
        #expect(sink.take().isEmpty)
        let retryAt = try #require(consumer.retryAt)
        #expect(retryAt <= at(1) + Self.pause)
        consumer.pump(at: retryAt)
        let tag = try #require(sink.take().consumerTag)
        try receive(.channelOpenOK, .qosOK, .consumeOK(tag: tag), at: 2)

        // One that was subscribed is not to blame.
        consumer.disconnected(AMQPError(.notConnected, "INTERNAL_ERROR"))
        _ = try subscribe()
    }

    @Test func `a loss is told once, when the broker closes the channel under a subscription`() async throws {
        let tag = try subscribe()
        try receive(.channelClose(CloseReason(code: 406, text: "timeout")), at: 1)
        #expect(!stream.isSubscribed)
        #expect(sink.take() == [RecordingSink.Entry(method: .channelCloseOK, channel: 2)])
        consumer.settle(.acknowledge(1), generation: 1)
        consumer.flushAcknowledgements()
        #expect(sink.take().isEmpty)
        consumer.pump(at: at(2))
        let second = try #require(sink.take().consumerTag)
        #expect(second != tag)
        try receive(.channelOpenOK, .qosOK, .consumeOK(tag: second), at: 2)
        // Of the generation before; the broker counts its delivery tags anew.
        consumer.settle(.acknowledge(1), generation: 1)
        consumer.flushAcknowledgements()
        #expect(sink.take().isEmpty)
        guard case .subscribed(1)? = await stream.next(), case .lost(let error)? = await stream.next(),
            case .subscribed(2)? = await stream.next()
        else {
            Issue.record("unexpected events")
            return
        }
        #expect(error.replyCode == 406)
    }

    @Test func `cancelling ends although the broker answers nothing`() async throws {
        _ = try subscribe()
        let operation = PendingOperation<Void>()
        consumer.cancel(operation, at: at(1))
        #expect(sink.take().contains(Self.closing, on: 2))
        #expect(consumer.giveUpOverdue(at: at(2)) == nil)
        #expect(!consumer.isEnded)
        #expect(consumer.giveUpOverdue(at: at(6))?.number == 2)
        #expect(consumer.isEnded)
        #expect(consumer.number == nil)
        try await operation.value()
    }

    @Test func `changes of bindings end with an overdue subscription, and are made with the next`() async throws {
        consumer.connected(sink, number: 2, at: start)
        _ = sink.take()
        let operation = PendingOperation<IncomingMethod>()
        let binding = BindingChange.Binding(exchange: "x", key: "k")
        #expect(consumer.change(BindingChange(bindings: [binding], isAddition: true, operation: operation)) == nil)
        #expect(consumer.giveUpOverdue(at: at(5)) == nil)
        let error = await #expect(throws: AMQPError.self) { try await operation.value() }
        #expect(error?.code == .notConnected)
        #expect(consumer.takeFinished() == 1)
        _ = sink.take()
        try receive(.channelCloseOK, at: 6)
        consumer.pump(at: at(7))
        #expect(sink.take().contains(.declare(.binding(queue: "q", exchange: "x", routingKey: "k")), on: 2))
    }
}

@Suite("The channels of a connection")
struct ChannelTableTests {
    private final class Owner: ChannelOwner {
        var received: [FrameAssembler.Assembled] = []
        var deadline: ContinuousClock.Instant?

        func receive(_ assembled: FrameAssembler.Assembled, at now: ContinuousClock.Instant) {
            received.append(assembled)
        }

        func postpone(to deadline: ContinuousClock.Instant) { self.deadline = deadline }
    }

    private let now = ContinuousClock.now
    private let sink = RecordingSink()

    @Test func `a number that was left alone is free once the broker agrees, and silent until then`() throws {
        let table = ChannelTable(maximum: 2)
        let well = Owner()
        let stuck = Owner()
        #expect(table.take() == 1)
        #expect(table.take() == 2)
        table.give(1, to: well)
        table.give(2, to: stuck)
        stuck.deadline = now
        #expect(table.deadline == now)
        // Left while a delivery is half read.
        let deliver = IncomingMethod.deliver(
            .init(consumerTag: "c", deliveryTag: 1, redelivered: false, exchange: "", routingKey: "q"))
        try table.receive(.method(deliver), on: 2, at: now)
        table.abandon(AbandonedChannel(number: 2, sink: sink))
        #expect(table.deadline == nil)

        try table.receive(.header(AMQPProperties(), bodySize: 0), on: 2, at: now)
        try table.receive(.method(.consumeOK(tag: "c")), on: 2, at: now)
        #expect(sink.take().isEmpty)
        try table.receive(.method(.channelClose(CloseReason(code: 541, text: "broken"))), on: 2, at: now)
        #expect(sink.take() == [RecordingSink.Entry(method: .channelCloseOK, channel: 2)])
        #expect(table.take() == nil)
        try table.receive(.method(.qosOK), on: 1, at: now)
        #expect(well.received == [.method(.qosOK)])

        try table.receive(.method(.channelCloseOK), on: 2, at: now)
        #expect(table.take() == 2)
        #expect(stuck.received.isEmpty)
        let next = Owner()
        table.give(2, to: next)
        try table.receive(.method(.channelOpenOK), on: 2, at: now)
        #expect(next.received == [.method(.channelOpenOK)])
    }
}
