import AMQP
import ChatContracts
import LogKeys
public import Logging

/// The commands of one queue, for a consumer that works in batches and settles them itself.
///
/// A queue with a single active consumer delivers to one subscription at a time. That is an optimisation and never a
/// fence: two may overlap for a while when a node is lost.
public final class CommandSubscription: Sendable {
    public enum Event: Sendable {
        /// Deliveries begin. All that were unsettled before come again, first and in order.
        case subscribed
        /// All that had arrived, in the queue's order; never empty.
        case commands([CommandDelivery])
        /// The subscription broke: every unsettled delivery is void and comes again, here or elsewhere. It
        /// re-subscribes by itself.
        case lost
    }

    public let queue: String
    private let bus: MessageBus
    private let logger: Logger
    private let deadLetterQueue: String
    private let consumer: AMQPConsumer

    /// - Parameters:
    ///   - prefetch: How many commands may be unsettled at once.
    ///   - deadLetterQueue: Where ``deadLetter(_:reason:)`` puts commands.
    public init(bus: MessageBus, queue: String, prefetch: Int, deadLetterQueue: String, logger: Logger) {
        self.bus = bus
        self.queue = queue
        self.deadLetterQueue = deadLetterQueue
        self.logger = logger
        consumer = bus.consuming.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: prefetch))
    }

    /// What happens, in order. To be iterated once, by one task; ends after ``cancel()``, when the task is cancelled or
    /// when the bus stops.
    public var events: Events { Events(base: consumer.events, bus: bus, queue: queue) }

    /// Settles this delivery and every earlier one of the subscription.
    public func acknowledge(through delivery: CommandDelivery) {
        if let origin = delivery.origin { consumer.acknowledge(through: origin) }
    }

    /// Settles this delivery alone.
    public func acknowledge(_ delivery: CommandDelivery) {
        if let origin = delivery.origin { consumer.acknowledge(origin) }
    }

    /// Dead-letters a command that can never be executed, with the reason, and settles it once the broker has it.
    ///
    /// - Throws: `notSent` or `outcomeUnknown`; the delivery is then not settled, and repeating is harmless.
    public func deadLetter(_ delivery: CommandDelivery, reason: String) async throws(BusError) {
        guard let origin = delivery.origin else { return }
        try await bus.deadLetter(origin, to: deadLetterQueue, reason: reason)
        logger.error(
            "A command was dead-lettered.",
            metadata: [
                LogKey.requestID: "\(delivery.context.requestID)",
                LogKey.queue: "\(queue)", LogKey.requestType: "\(delivery.type.prefix(64))", LogKey.reason: "\(reason)",
                LogKey.correlationID: "\(delivery.correlationID.prefix(64))",
                LogKey.deliveryCount: "\(delivery.deliveryCount)",
            ])
        consumer.acknowledge(origin)
    }

    /// Looks from time to time whether the broker still knows of the subscription, and subscribes again if it does not.
    /// To be run beside the iteration of ``events``, until it is cancelled.
    public func watch() async { await watch(.init()) }

    func watch(_ rhythm: ConsumerWatch.Rhythm) async {
        await ConsumerWatch(consumer: consumer, rhythm: rhythm, bus: bus, logger: logger).run()
    }

    /// Requeues all unsettled deliveries, in order, and subscribes again.
    public func resubscribe() { consumer.resubscribe() }

    /// Stops deliveries and ends ``events``. Unsettled ones come again elsewhere.
    public func cancel() async { await consumer.cancel() }

    /// Whether the broker has accepted the subscription; another consumer may still be the active one.
    public var isSubscribed: Bool { consumer.isSubscribed }

    public struct Events: AsyncSequence, Sendable {
        public typealias Element = Event
        public typealias Failure = Never

        let base: AMQPConsumerEvents
        let bus: MessageBus
        let queue: String

        public struct AsyncIterator: AsyncIteratorProtocol {
            var base: AMQPConsumerEvents.AsyncIterator
            let bus: MessageBus
            let queue: String

            public mutating func next() async -> Event? { await next(isolation: #isolation) }

            public mutating func next(isolation actor: isolated (any Actor)?) async -> Event? {
                switch await base.next(isolation: actor) {
                case .subscribed: return .subscribed
                case .lost(let error):
                    bus.metrics.subscriptionLost(queue: queue, error)
                    return .lost
                case .deliveries(let deliveries):
                    bus.metrics.delivered(deliveries, from: queue)
                    return .commands(deliveries.map { CommandDelivery($0, checkedBy: bus.configuration) })
                case nil: return nil
                }
            }
        }

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(base: base.makeAsyncIterator(), bus: bus, queue: queue)
        }
    }
}

extension BusMetrics {
    /// Counts a loss, unless the subscription was given up to be made again.
    func subscriptionLost(queue: String, _ error: AMQPError) {
        if error.code != .closed { subscriptionLost(queue: queue) }
    }

    func delivered(_ deliveries: [AMQPDelivery], from queue: String) {
        delivered(queue: queue, redelivered: deliveries.count(where: \.redelivered), count: deliveries.count)
    }
}
