internal import Logging

/// A consumer's side on the connection's thread: subscribing, delivering, acknowledging, and coming back after a loss.
final class ConsumerChannel: ChannelOwner {
    private enum Phase: Equatable {
        /// Not subscribed, and the channel is closed or there is none. Tries again at the instant; nil without a
        /// connection.
        case waiting(until: ContinuousClock.Instant?)
        case subscribing
        case subscribed(tag: String)
        /// Closing the channel, to come back at once or after a pause, or to end.
        case closing(then: Sequel)
        case ended
    }

    private enum Sequel { case resubscribe, retry, end }

    private enum Request { case declaration, quality, subscription }

    /// Channels that may be left unanswered at a time. What the broker was asked on them it may still do, one by one,
    /// when it recovers, and each time it hands out deliveries that count as attempts.
    private static let abandonedLimit = 3
    /// AMQP's reply code for an exclusive queue of another connection.
    private static let resourceLocked = 405

    let stream: ConsumerStream
    private let limits: Limits
    private let logger: Logger
    private var channel: Channel<Request>?
    private var abandoned: [AbandonedChannel] = []
    private var phase = Phase.waiting(until: nil)
    private var backoff: Backoff
    /// Whether the connection ended while the broker owed an answer. Some queues that are down make the broker close
    /// the whole connection (541) when one subscribes; then the others shall have it for a while first.
    private var isSuspect = false
    private var generation = 0
    private var coalescer = AcknowledgementCoalescer()
    private var batch: [AMQPDelivery] = []
    private var bindings: ConsumerBindings
    /// Names that the queue has had.
    private var names = 1
    /// Asked for while the subscription was being made.
    private var lateChanges: [BindingChange] = []
    private var cancellations: [PendingOperation<Void>] = []
    private var finished = 0

    init(stream: ConsumerStream, limits: Limits, logger: Logger) {
        self.stream = stream
        self.limits = limits
        self.logger = logger
        bindings = ConsumerBindings(queue: stream.configuration.queue)
        backoff = Backoff(limits: limits.reconnectDelay)
    }

    var number: UInt16? { channel?.number }
    var deadline: ContinuousClock.Instant? { channel?.deadline }
    var isEnded: Bool { phase == .ended }

    /// When it wants to subscribe again; nil also while too many of its channels are unanswered.
    var retryAt: ContinuousClock.Instant? {
        guard case .waiting(let instant) = phase, abandoned.count(where: { !$0.isClosed }) < Self.abandonedLimit
        else { return nil }
        return instant
    }

    /// Whether it cannot go on without a channel number.
    func needsNumber(at now: ContinuousClock.Instant) -> Bool {
        guard channel == nil, let retryAt else { return false }
        return retryAt <= now
    }

    // MARK: Connection

    /// Subscribes, at once or after a pause, on a channel that is closed and nobody else's.
    func connected(_ sink: any MethodSink, number: UInt16, at now: ContinuousClock.Instant) {
        channel = Channel(number: number, sink: sink, timeout: limits.operationTimeout)
        if isSuspect {
            isSuspect = false
            retry(at: now)
        } else {
            subscribe(at: now)
        }
    }

    func disconnected(_ cause: AMQPError) {
        isSuspect = phase == .subscribing || abandoned.contains { !$0.isClosed }
        _ = channel?.disconnected()
        channel = nil
        abandoned = []
        if case .closing(.end) = phase {
            end()
        } else if phase != .ended {
            lose(AMQPError(.notConnected, "the connection was lost", underlying: cause))
            phase = .waiting(until: nil)
        }
    }

    /// No channel number was left for it.
    func starved(at now: ContinuousClock.Instant) { retry(at: now) }

    /// Gives the channel up when an answer on it is overdue: the rest of the connection may be well.
    ///
    /// First the channel is closed, to be used again. When that is not answered either, its number cannot be trusted
    /// until it is, and the next attempt needs another one.
    /// - Returns: the channel to be left alone.
    func giveUpOverdue(at now: ContinuousClock.Instant) -> AbandonedChannel? {
        guard let deadline, deadline <= now, let overdue = channel else { return nil }
        let error = AMQPError(.timedOut, "the broker did not answer within \(limits.operationTimeout)")
        let metadata: Logger.Metadata = [
            "queue": "\(stream.configuration.queue)", "channel": "\(overdue.number)",
        ]
        guard overdue.phase == .closing else {
            logger.warning("a subscription was not answered in time", metadata: metadata)
            lose(error)
            phase = .closing(then: .retry)
            channel?.close(at: now)
            return nil
        }
        logger.warning("the closing of a channel was not answered in time", metadata: metadata)
        lose(error)
        let left = overdue.abandoned()
        channel = nil
        abandoned.removeAll(where: \.isClosed)
        abandoned.append(left)
        retry(at: now)
        return left
    }

    /// Subscribes when it is time to.
    func pump(at now: ContinuousClock.Instant) {
        guard let retryAt, retryAt <= now, channel?.phase == .closed else { return }
        subscribe(at: now)
    }

    private func subscribe(at now: ContinuousClock.Instant) {
        let configuration = stream.configuration
        phase = .subscribing
        coalescer = AcknowledgementCoalescer()
        channel?.open(at: now)
        let own = configuration.declarations.map { $0.renaming(queue: configuration.queue, to: bindings.queue) }
        for declaration in own + bindings.declarations {
            channel?.request(.declare(declaration), token: .declaration, at: now)
        }
        channel?.request(.qos(prefetch: configuration.prefetch), token: .quality, at: now)
        // A fresh tag each time, so that nothing of an earlier subscription can be taken for this one's.
        let tag = "c-" + String(UInt64.random(in: .min ... .max), radix: 36)
        channel?.request(
            .consume(
                queue: bindings.queue, tag: tag, noAck: false, exclusive: configuration.exclusive,
                arguments: configuration.arguments),
            token: .subscription, at: now)
    }

    // MARK: What the caller asks for

    func settle(_ settlement: Settlement, generation: Int) {
        guard generation == self.generation, case .subscribed = phase else { return }
        switch settlement {
        case .acknowledge(let tag): coalescer.acknowledge(tag)
        case .acknowledgeThrough(let tag): coalescer.acknowledge(through: tag)
        case .reject(let tag, let requeue): coalescer.reject(tag, requeue: requeue)
        }
    }

    /// Notes a change of the bindings.
    /// - Returns: what has to be asked of the broker now; nil when that is not possible or comes later.
    func change(_ change: BindingChange) -> ControlRequest? {
        bindings.note(change)
        switch phase {
        case .subscribed:
            return bindings.request(for: change)
        case .subscribing, .closing(.resubscribe):
            lateChanges.append(change)
        case .waiting, .closing:
            finish(
                change, AMQPError(.notConnected, "not subscribed; the bindings are made with the next subscription"))
        case .ended:
            finish(change, AMQPError(.closed, "the consumer was cancelled"))
        }
        return nil
    }

    /// Forgets bindings that the broker refused.
    func forget(_ refused: [BindingChange.Binding]) { bindings.forget(refused) }

    /// Changes that waited for the subscription.
    func takeDueChanges() -> [ControlRequest] {
        guard case .subscribed = phase, !lateChanges.isEmpty else { return [] }
        defer { lateChanges = [] }
        return lateChanges.map(bindings.request(for:))
    }

    func resubscribe(at now: ContinuousClock.Instant) {
        switch phase {
        case .subscribed, .subscribing:
            flushAcknowledgements()
            lose(AMQPError(.closed, "subscribing again on request"), keepingChanges: true)
            phase = .closing(then: .resubscribe)
            channel?.close(at: now)
        case .waiting(.some):
            phase = .waiting(until: now)
        case .waiting(nil), .closing, .ended:
            break
        }
    }

    /// Subscribes again if that requeues nothing.
    func renew(at now: ContinuousClock.Instant) {
        guard case .subscribed = phase, coalescer.isSettled else { return }
        resubscribe(at: now)
    }

    func cancel(_ operation: PendingOperation<Void>?, at now: ContinuousClock.Instant) {
        if let operation { cancellations.append(operation) }
        stream.finish()
        switch phase {
        case .subscribed, .subscribing:
            flushAcknowledgements()
            lose(AMQPError(.closed, "the consumer was cancelled"))
            phase = .closing(then: .end)
            channel?.close(at: now)
        case .closing:
            phase = .closing(then: .end)
        case .waiting, .ended:
            end()
        }
    }

    // MARK: Reading

    func receive(
        _ assembled: FrameAssembler.Assembled, at now: ContinuousClock.Instant
    ) throws(ProtocolViolation) {
        switch assembled {
        case .content(.deliver(let deliver), let message):
            guard case .subscribed(let tag) = phase, tag == deliver.consumerTag else { return }
            coalescer.delivered(deliver.deliveryTag)
            batch.append(delivery(deliver, message))
        case .content:
            break
        case .method(.consumerCancelled(let tag)):
            guard case .subscribed(tag) = phase else { return }
            lose(AMQPError(.channelClosed, "the broker ended the subscription; the queue may have been deleted"))
            phase = .closing(then: .retry)
            channel?.close(at: now)
        case .method(let method):
            try react(to: method, at: now)
        }
    }

    private func react(to method: IncomingMethod, at now: ContinuousClock.Instant) throws(ProtocolViolation) {
        switch try channel?.receive(method) {
        case .answered(.subscription, .consumeOK(let tag)):
            generation += 1
            backoff.reset()
            phase = .subscribed(tag: tag)
            stream.subscribed(generation: generation)
        case .closedByBroker(let reason, let culprit, _):
            logger.warning(
                culprit == nil ? "the broker closed a consuming channel" : "the broker refused a subscription",
                metadata: [
                    "queue": "\(stream.configuration.queue)", "reply-code": "\(reason.code)",
                    "reply-text": "\(reason.text)",
                ])
            lose(reason.error("the broker closed the channel"))
            if reason.code == Self.resourceLocked, stream.configuration.avoidsLock {
                names += 1
                bindings.queue = "\(stream.configuration.queue).\(names)"
            }
            retry(at: now)
        case .closed:
            guard case .closing(let sequel) = phase else { return }
            switch sequel {
            case .resubscribe: subscribe(at: now)
            case .retry: retry(at: now)
            case .end: end()
            }
        default:
            break
        }
    }

    func postpone(to deadline: ContinuousClock.Instant) { channel?.postpone(to: deadline) }

    // MARK: End of a turn

    func flushAcknowledgements() {
        guard case .subscribed = phase, coalescer.hasPending else { return }
        for settlement in coalescer.flush() {
            switch settlement {
            case .ack(let tag, let multiple): channel?.tell(.ack(tag: tag, multiple: multiple))
            case .reject(let tag, let requeue): channel?.tell(.reject(tag: tag, requeue: requeue))
            }
        }
    }

    /// Hands over what was read, with one wake-up.
    func handOver() {
        guard !batch.isEmpty else { return }
        stream.deliver(batch)
        batch.removeAll(keepingCapacity: true)
    }

    // MARK: Steps

    private func delivery(_ deliver: IncomingMethod.Deliver, _ message: AMQPMessage) -> AMQPDelivery {
        var message = message
        var deliveryCount = 0
        if !message.properties.headers.isEmpty {
            message.properties.headers.removeValue(forKey: ReturnMark.header)
            // On the first delivery it is whatever the publisher has written there.
            let count = message.properties.headers["x-delivery-count"]?.intValue ?? 0
            deliveryCount = Int(min(max(0, count), Int64(Int32.max)))
        }
        return AMQPDelivery(
            message: message, exchange: deliver.exchange, routingKey: deliver.routingKey,
            redelivered: deliver.redelivered, deliveryCount: deliveryCount, generation: generation,
            deliveryTag: deliver.deliveryTag, queue: stream.configuration.queue)
    }

    private func lose(_ error: AMQPError, keepingChanges: Bool = false) {
        batch.removeAll()
        if case .subscribed = phase { stream.lost(error) }
        guard !keepingChanges else { return }
        for change in lateChanges {
            finish(change, AMQPError(.notConnected, "the subscription was lost", underlying: error))
        }
        lateChanges = []
    }

    private func retry(at now: ContinuousClock.Instant) {
        if case .closing(.end) = phase { return end() }
        var generator = SystemRandomNumberGenerator()
        phase = .waiting(until: now + backoff.next(using: &generator))
    }

    private func end() {
        lose(AMQPError(.closed, "the consumer was cancelled"))
        phase = .ended
        stream.finish()
        for cancellation in cancellations { cancellation.finish(.success(())) }
        cancellations = []
    }

    /// Operations finished here since the last look.
    func takeFinished() -> Int {
        defer { finished = 0 }
        return finished
    }

    private func finish(_ change: BindingChange, _ error: AMQPError) {
        finished += change.cost
        change.operation.finish(.failure(error))
    }
}
