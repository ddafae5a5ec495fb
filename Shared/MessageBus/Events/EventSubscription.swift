import AMQP
import ChatContracts
import LogKeys
public import Logging
public import ServiceLifecycle
import Synchronization

/// The events of the buckets that one gateway has users in.
///
/// Events are hints: some may never come, others twice. Most losses are noticed and reported as ``Event/lost``; the
/// last event before a silence has no successor that could tell, so streams also compare heads from time to time. That
/// events find their way at all is tried every few seconds.
public final class EventSubscription: Service, Sendable {
    public enum Event: Sendable {
        /// Deliveries begin.
        case subscribed
        case events(EventBatch)
        /// Some events were missed: the broker dropped some from a full queue, or the subscription was lost. In the
        /// second case it follows ``subscribed``, so that what is fetched now leaves no hole.
        case lost
    }

    /// How much the broker keeps for a gateway that is slow; the oldest is dropped first.
    public struct Limits: Sendable, Hashable {
        public var messages: Int
        public var bytes: Int
        /// How long a message waits at most.
        public var age: Duration
        /// How many messages may be on their way at once.
        public var prefetch: Int

        public init(
            messages: Int = 20_000, bytes: Int = 32 << 20, age: Duration = .seconds(30), prefetch: Int = 500
        ) {
            self.messages = messages
            self.bytes = bytes
            self.age = age
            self.prefetch = prefetch
        }
    }

    fileprivate let bus: MessageBus
    fileprivate let logger: Logger
    fileprivate let consumer: AMQPConsumer
    fileprivate let gaps = Mutex(SerialGaps<ContinuousClock.Instant>())
    /// What the queue should be bound with.
    private let wanted: Mutex<Set<String>>
    private let bindingRenewal: Duration
    private let probing: Duration

    /// - Parameters:
    ///   - instance: Names the queue; the bus's own if nil.
    ///   - keys: Names of events that are wanted whoever they are for.
    ///   - bindingRenewal: How often the bindings are made again, in case that somebody has taken them away.
    ///   - probing: How often it is seen that events find the queue; when they do not, the subscription is made again.
    public init(
        bus: MessageBus, instance: String? = nil, keys: [String], limits: Limits = Limits(),
        bindingRenewal: Duration = .seconds(10), probing: Duration = .seconds(2), logger: Logger
    ) {
        self.bus = bus
        self.bindingRenewal = bindingRenewal
        self.probing = probing
        wanted = Mutex(Set(keys))
        self.logger = logger
        let queue = Topology.gatewayEvents(instance: instance ?? bus.configuration.instance)
        consumer = bus.consuming.makeConsumer(
            AMQPConsumerConfiguration(
                queue: queue, prefetch: limits.prefetch, noAck: true, exclusive: true,
                declarations: [
                    .queue(
                        name: queue, durable: false, exclusive: true, autoDelete: true,
                        arguments: [
                            "x-max-length": .int(Int64(limits.messages)),
                            "x-max-length-bytes": .int(Int64(limits.bytes)), "x-overflow": "drop-head",
                            "x-message-ttl": .int(limits.age.wholeMilliseconds),
                        ])
                ]
                    + (keys + [queue]).map {
                        .binding(queue: queue, exchange: Topology.eventsExchange, routingKey: $0)
                    }, avoidsLock: true))
        gaps.withLock { gaps in
            for key in keys { gaps.track(key, now: ContinuousClock.now) }
        }
    }

    /// Keeps the subscription until a graceful shutdown or cancellation, which end ``events``.
    public func run() async throws {
        let renewal = BindingRenewal(
            consumer: consumer, exchange: Topology.eventsExchange, interval: bindingRenewal, bus: bus, logger: logger
        ) { self.wanted.withLock { $0.sorted() } }
        let probe = EventProbe(
            consumer: consumer, exchange: Topology.eventsExchange, key: consumer.configuration.queue,
            interval: probing, bus: bus, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await renewal.run() }
            group.addTask { await probe.run() }
            group.addTask { try? await gracefulShutdown() }
            await group.next()
            group.cancelAll()
        }
        await consumer.cancel()
    }

    /// What happens, in order. To be iterated once, by one task; a slow reader holds the broker back, which then drops
    /// the oldest.
    public var events: Events { Events(subscription: self) }

    /// Wants the events of a bucket from now on; returns when the broker has agreed. Remembered over reconnects, also
    /// if it throws because the broker is away.
    public func bind(_ bucket: Int) async throws(BusError) {
        let key = Topology.bucketKey(bucket)
        wanted.withLock { _ = $0.insert(key) }
        defer { gaps.withLock { $0.track(key, now: ContinuousClock.now) } }
        do {
            try await consumer.bind([key], exchange: Topology.eventsExchange)
        } catch {
            throw BusError(error, "the events of bucket \(bucket) are not bound")
        }
    }

    /// The inverse of ``bind(_:)``.
    public func unbind(_ bucket: Int) async throws(BusError) {
        let key = Topology.bucketKey(bucket)
        wanted.withLock { _ = $0.remove(key) }
        gaps.withLock { $0.untrack(key) }
        do {
            try await consumer.unbind([key], exchange: Topology.eventsExchange)
        } catch {
            throw BusError(error, "the events of bucket \(bucket) are not unbound")
        }
    }

    /// Whether events can be received right now.
    public var isSubscribed: Bool { consumer.isSubscribed }

    public struct Events: AsyncSequence, Sendable {
        public typealias Element = Event
        public typealias Failure = Never

        let subscription: EventSubscription

        public struct AsyncIterator: AsyncIteratorProtocol {
            let subscription: EventSubscription
            var base: AMQPConsumerEvents.AsyncIterator
            var wasSubscribed = false
            /// To be told next.
            var lossIsDue = false

            public mutating func next() async -> Event? { await next(isolation: #isolation) }

            public mutating func next(isolation actor: isolated (any Actor)?) async -> Event? {
                if lossIsDue {
                    lossIsDue = false
                    return .lost
                }
                while let event = await base.next(isolation: actor) {
                    switch event {
                    case .subscribed:
                        subscription.restart()
                        lossIsDue = wasSubscribed
                        wasSubscribed = true
                        return .subscribed
                    case .lost:
                        subscription.bus.metrics.subscriptionLost(queue: "events")
                    case .deliveries(let deliveries):
                        let (batch, dropped) = subscription.read(deliveries)
                        lossIsDue = dropped
                        if !batch.events.isEmpty { return .events(batch) }
                        if dropped {
                            lossIsDue = false
                            return .lost
                        }
                    }
                }
                return nil
            }
        }

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(subscription: subscription, base: subscription.consumer.events.makeAsyncIterator())
        }
    }

    private func restart() { gaps.withLock { $0.restart(now: ContinuousClock.now) } }

    private func read(_ deliveries: [AMQPDelivery]) -> (batch: EventBatch, dropped: Bool) {
        var batch = EventBatch(events: [])
        var dropped = false
        let now = ContinuousClock.now
        for delivery in deliveries {
            guard bus.believes(delivery, of: "event", logger: logger) else { continue }
            let frame: EventFrame
            do {
                frame = try EventFrame(decoding: delivery.message.body)
            } catch {
                bus.metrics.malformedFrame()
                logger.error("A message of events cannot be read.", metadata: [LogKey.queue: "\(delivery.queue)"])
                continue
            }
            batch.events.append(contentsOf: frame.events)
            guard let publisher = frame.publisher else { continue }
            let gap = gaps.withLock { $0.observe(publisher: publisher, serials: frame.serials, now: now) }
            if gap {
                bus.metrics.eventGap()
                dropped = true
            }
        }
        return (batch, dropped)
    }
}
