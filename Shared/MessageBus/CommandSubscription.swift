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

    /// - Parameters:
    ///   - prefetch: How many commands may be unsettled at once.
    ///   - deadLetterQueue: Where ``deadLetter(_:reason:)`` puts commands.
    public init(bus: MessageBus, queue: String, prefetch: Int, deadLetterQueue: String, logger: Logger) {
        fatalError("not written yet")
    }

    /// What happens, in order. To be iterated once, by one task; ends after ``cancel()``.
    public var events: Events { fatalError("not written yet") }

    /// Settles this delivery and every earlier one of the subscription.
    public func acknowledge(through delivery: CommandDelivery) { fatalError("not written yet") }

    /// Settles this delivery alone.
    public func acknowledge(_ delivery: CommandDelivery) { fatalError("not written yet") }

    /// Puts a command that can never be executed aside, with its reason, and settles it once the broker has it.
    ///
    /// - Throws: `notSent` or `outcomeUnknown`; the delivery is then not settled.
    public func deadLetter(_ delivery: CommandDelivery, reason: String) async throws(BusError) {
        fatalError("not written yet")
    }

    /// Gives all unsettled deliveries back, in order, and subscribes again.
    public func resubscribe() { fatalError("not written yet") }

    /// Stops deliveries and ends ``events``. Unsettled ones come again elsewhere.
    public func cancel() async { fatalError("not written yet") }

    /// Whether the broker has accepted the subscription; another consumer may still be the active one.
    public var isSubscribed: Bool { fatalError("not written yet") }

    public struct Events: AsyncSequence, Sendable {
        public typealias Element = Event
        public typealias Failure = Never

        public struct AsyncIterator: AsyncIteratorProtocol {
            public mutating func next() async -> Event? { fatalError("not written yet") }
            public mutating func next(isolation actor: isolated (any Actor)?) async -> Event? {
                fatalError("not written yet")
            }
        }

        public func makeAsyncIterator() -> AsyncIterator { fatalError("not written yet") }
    }
}
