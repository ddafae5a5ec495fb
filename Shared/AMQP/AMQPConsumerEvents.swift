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

        let consumer: AMQPConsumer

        /// The next event; nil when the consumer or the task was cancelled, or the connection ended.
        public mutating func next() async -> Element? {
            let event = await consumer.stream.next()
            if case .deliveries(let deliveries) = event, consumer.configuration.noAck, let last = deliveries.last {
                consumer.acknowledge(through: last)
            }
            return event
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await next()
        }
    }

    let consumer: AMQPConsumer

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(consumer: consumer) }
}
