/// A subscription to one queue that comes back by itself after every loss.
public final class AMQPConsumer: Sendable {
    private let id: ConsumerID
    private let mailbox: Mailbox
    let stream: ConsumerStream

    init(id: ConsumerID, stream: ConsumerStream, mailbox: Mailbox) {
        self.id = id
        self.stream = stream
        self.mailbox = mailbox
    }

    deinit { mailbox.postControl(.cancelConsumer(id, PendingOperation())) }

    public var configuration: AMQPConsumerConfiguration { stream.configuration }

    /// What happens to the subscription, in order. One iteration only; ends after `cancel()` or with the connection.
    public var events: AMQPConsumerEvents { AMQPConsumerEvents(consumer: self) }

    /// Whether the broker delivers to this consumer at the moment.
    public var isSubscribed: Bool { stream.isSubscribed }

    /// When the broker last delivered something, or agreed to.
    public var lastHeard: ContinuousClock.Instant { stream.lastHeard }

    /// Acknowledges one delivery. Has no effect for a generation that is over.
    public func acknowledge(_ delivery: AMQPDelivery) {
        mailbox.postControl(
            .settle(id, generation: delivery.generation, .acknowledge(delivery.deliveryTag)))
    }

    /// Acknowledges this delivery and all earlier ones of its generation.
    public func acknowledge(through delivery: AMQPDelivery) {
        mailbox.postControl(
            .settle(id, generation: delivery.generation, .acknowledgeThrough(delivery.deliveryTag)))
    }

    /// Requeues the delivery, or passes it (without `requeue`) to its dead-letter exchange.
    public func reject(_ delivery: AMQPDelivery, requeue: Bool) {
        mailbox.postControl(
            .settle(id, generation: delivery.generation, .reject(delivery.deliveryTag, requeue: requeue)))
    }

    /// Binds the consumer's queue to `exchange` with all `keys`, now and after every later subscription.
    ///
    /// On `notConnected`, `blocked` and `outcomeUnknown` the bindings are remembered and made with the next subscription. When the
    /// broker refuses one (`channelClosed`), all `keys` are forgotten.
    public func bind(_ keys: [String], exchange: String) async throws(AMQPError) {
        let bindings = keys.map { BindingChange.Binding(exchange: exchange, key: $0) }
        do throws(AMQPError) {
            try await change(bindings, isAddition: true)
        } catch {
            if error.code == .channelClosed { mailbox.postControl(.forgetBindings(id, bindings)) }
            throw error
        }
    }

    /// Makes bindings again that the consumer's queue should have, in case that somebody has taken them away.
    ///
    /// Other than with ``bind(_:exchange:)``, they stay remembered when the broker refuses them.
    public func renewBindings(_ keys: [String], exchange: String) async throws(AMQPError) {
        try await change(keys.map { BindingChange.Binding(exchange: exchange, key: $0) }, isAddition: true)
    }

    /// Takes bindings away, now and for later subscriptions.
    public func unbind(_ keys: [String], exchange: String) async throws(AMQPError) {
        try await change(keys.map { BindingChange.Binding(exchange: exchange, key: $0) }, isAddition: false)
    }

    /// Requeues all unacknowledged deliveries in their order (by closing the channel), then subscribes again. The
    /// events tell `lost` (`closed`) and then `subscribed`.
    public func resubscribe() { mailbox.postControl(.resubscribe(id)) }

    /// Subscribes again if no delivery is unacknowledged; otherwise nothing happens.
    public func renew() { mailbox.postControl(.renew(id)) }

    /// Ends the subscription: unacknowledged deliveries go back, `events` finishes. Returns when the broker has
    /// agreed or has not answered in time, or the connection is gone.
    public func cancel() async {
        stream.finish()
        let operation = PendingOperation<Void>()
        mailbox.postControl(.cancelConsumer(id, operation))
        guard mailbox.isOpen else { return }
        try? await operation.value()
    }

    private func change(_ bindings: [BindingChange.Binding], isAddition: Bool) async throws(AMQPError) {
        guard !bindings.isEmpty else { return }
        if let flaw = bindings.lazy.compactMap({ ShortText.flaw($0.exchange, $0.key) }).first {
            throw AMQPError(.invalidArgument, flaw)
        }
        let operation = PendingOperation<IncomingMethod>()
        var change = BindingChange(bindings: bindings, isAddition: isAddition, operation: operation)
        do throws(AMQPError) {
            try mailbox.post(.bind(id, change), operations: bindings.count)
        } catch {
            if error.code == .notConnected || error.code == .blocked {
                // Not made now, but remembered; nobody waits for the answer.
                change.isCounted = false
                mailbox.postControl(.bind(id, change))
            }
            throw error
        }
        _ = try await operation.value()
    }
}
