/// A part of the broker's topology. Declaring what exists with the same settings changes nothing; with other settings
/// the broker refuses.
public enum AMQPDeclaration: Sendable, Equatable {
    /// An exchange of kind `direct`, `topic`, `fanout` or `headers`.
    case exchange(
        name: String, kind: String, durable: Bool = true, autoDelete: Bool = false, internal: Bool = false,
        arguments: [String: AMQPValue] = [:])
    /// A queue. An exclusive queue belongs to the connection that declared it and ends with it.
    case queue(
        name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: [String: AMQPValue] = [:])
    /// Only checks that the queue exists.
    case passiveQueue(name: String)
    /// Messages of `exchange` with `routingKey` go to `queue`.
    case binding(queue: String, exchange: String, routingKey: String, arguments: [String: AMQPValue] = [:])
    /// Messages of `source` with `routingKey` go to `destination`.
    case exchangeBinding(
        destination: String, source: String, routingKey: String, arguments: [String: AMQPValue] = [:])
}

extension AMQPDeclaration {
    /// The same for a queue of another name; whatever is about other queues stays as it is.
    func renaming(queue: String, to name: String) -> AMQPDeclaration {
        switch self {
        case .queue(queue, let durable, let exclusive, let autoDelete, let arguments):
            .queue(name: name, durable: durable, exclusive: exclusive, autoDelete: autoDelete, arguments: arguments)
        case .passiveQueue(queue): .passiveQueue(name: name)
        case .binding(queue, let exchange, let routingKey, let arguments):
            .binding(queue: name, exchange: exchange, routingKey: routingKey, arguments: arguments)
        default: self
        }
    }
}

/// What a queue held when the broker was asked.
public struct AMQPQueueStatus: Sendable, Equatable {
    /// Messages ready for delivery, without those that consumers hold.
    public var messages: Int
    public var consumers: Int

    public init(messages: Int, consumers: Int) {
        self.messages = messages
        self.consumers = consumers
    }
}
