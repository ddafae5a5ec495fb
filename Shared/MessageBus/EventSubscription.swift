public import Logging
public import ServiceLifecycle

/// The events of the buckets that one gateway has users in.
public final class EventSubscription: Service, Sendable {
    public enum Event: Sendable {
        /// Deliveries begin.
        case subscribed
        case events(EventBatch)
        /// Some events may have been missed: a connection was lost, or the broker dropped some from a full queue.
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

    /// - Parameters:
    ///   - instance: Names the queue; the bus's own if nil.
    ///   - keys: Names of events that are wanted whoever they are for.
    public init(
        bus: MessageBus, instance: String? = nil, keys: [String], limits: Limits = Limits(), logger: Logger
    ) { fatalError("not written yet") }

    /// Keeps the subscription until a graceful shutdown or cancellation, which end ``events``.
    public func run() async throws { fatalError("not written yet") }

    /// What happens, in order. To be iterated once, by one task; a slow reader holds the broker back, which then drops
    /// the oldest.
    public var events: Events { fatalError("not written yet") }

    /// Wants the events of a bucket from now on; returns when the broker has agreed. Remembered over reconnects, also
    /// if it throws because the broker is away.
    public func bind(_ bucket: Int) async throws(BusError) { fatalError("not written yet") }

    /// The inverse of ``bind(_:)``.
    public func unbind(_ bucket: Int) async throws(BusError) { fatalError("not written yet") }

    /// Whether events can be received right now.
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
