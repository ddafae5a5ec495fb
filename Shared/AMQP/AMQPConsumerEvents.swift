/// The events of one consumer.
public struct AMQPConsumerEvents: AsyncSequence, Sendable {
    public typealias Failure = Never

    public enum Element: Sendable {
        /// The broker delivers from now on, in a new generation.
        case subscribed(generation: Int)
        /// Everything that arrived since the last look. Never empty.
        case deliveries([AMQPDelivery])
        /// The subscription ended; its unacknowledged deliveries are void and will come again. It returns by itself.
        case lost(AMQPError)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        public typealias Failure = Never

        /// The next event; nil when the consumer or the task was cancelled, or the connection ended.
        public mutating func next() async -> Element? { fatalError("not written yet") }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            fatalError("not written yet")
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
