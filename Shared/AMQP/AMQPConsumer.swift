/// A subscription to one queue that comes back by itself after every loss.
public final class AMQPConsumer: Sendable {
    public let configuration: AMQPConsumerConfiguration

    init(configuration: AMQPConsumerConfiguration) { self.configuration = configuration }

    /// What happens to the subscription, in order. One iteration only; ends after `cancel()` or with the connection.
    public var events: AMQPConsumerEvents { AMQPConsumerEvents() }

    /// Whether the broker delivers to this consumer at the moment.
    public var isSubscribed: Bool { fatalError("not written yet") }

    /// Acknowledges one delivery. Has no effect for a generation that is over.
    public func acknowledge(_ delivery: AMQPDelivery) { fatalError("not written yet") }

    /// Acknowledges this delivery and all earlier ones of its generation.
    public func acknowledge(through delivery: AMQPDelivery) { fatalError("not written yet") }

    /// Gives the delivery back to the queue, or (without `requeue`) to its dead-letter exchange.
    public func reject(_ delivery: AMQPDelivery, requeue: Bool) { fatalError("not written yet") }

    /// Binds the consumer's queue to `exchange` with all `keys`, now and after every later subscription.
    ///
    /// On `notConnected` the bindings are remembered and made with the next subscription. When the broker refuses one,
    /// it is forgotten.
    public func bind(_ keys: [String], exchange: String) async throws(AMQPError) { fatalError("not written yet") }

    /// Takes bindings away, now and for later subscriptions.
    public func unbind(_ keys: [String], exchange: String) async throws(AMQPError) { fatalError("not written yet") }

    /// Gives all unacknowledged deliveries back in their order (by closing the channel), then subscribes again.
    public func resubscribe() { fatalError("not written yet") }

    /// Ends the subscription: unacknowledged deliveries go back, `events` finishes. Returns when the broker has agreed
    /// or the connection is gone.
    public func cancel() async { fatalError("not written yet") }
}
