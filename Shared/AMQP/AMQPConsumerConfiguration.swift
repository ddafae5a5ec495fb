/// What a consumer subscribes to, and how.
public struct AMQPConsumerConfiguration: Sendable {
    public var queue: String
    /// Unacknowledged deliveries that the broker lets out, 1 to 65,535. It bounds the memory of a slow consumer.
    public var prefetch: Int
    /// Whether deliveries count as acknowledged when the iterator hands them out. `prefetch` bounds them all the same.
    public var noAck: Bool
    /// Whether the subscription fails while another consumer has the queue.
    public var exclusive: Bool
    public var arguments: [String: AMQPValue]
    /// Applied, in order, before every subscription.
    public var declarations: [AMQPDeclaration]
    /// Whether to go on with a queue of another name (`queue.2` and so on) when the broker says that this one is locked.
    ///
    /// An exclusive queue belongs to its connection, and the broker may take two heartbeats to notice that a connection is
    /// dead: until then nobody gets the queue, not even who had it. Only for queues that ``declarations`` make, and whose
    /// messages come by its bindings.
    public var avoidsLock: Bool

    public init(
        queue: String, prefetch: Int, noAck: Bool = false, exclusive: Bool = false,
        arguments: [String: AMQPValue] = [:], declarations: [AMQPDeclaration] = [], avoidsLock: Bool = false
    ) {
        self.queue = queue
        self.prefetch = prefetch
        self.noAck = noAck
        self.exclusive = exclusive
        self.arguments = arguments
        self.declarations = declarations
        self.avoidsLock = avoidsLock
    }
}
