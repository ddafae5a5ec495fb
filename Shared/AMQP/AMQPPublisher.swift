/// Publishes on a channel of its own. Publications keep their order.
public final class AMQPPublisher: Sendable {
    private let id: PublisherID
    private let mailbox: Mailbox
    private let operationTimeout: Duration

    init(id: PublisherID, mailbox: Mailbox, operationTimeout: Duration) {
        self.id = id
        self.mailbox = mailbox
        self.operationTimeout = operationTimeout
    }

    deinit { mailbox.postControl(.closePublisher(id)) }

    /// Publishes and returns when the broker has taken responsibility.
    /// - Throws: `unroutable`, `nacked`, `notConnected`, `blocked`, `busy`, `invalidArgument`: surely not taken;
    ///   `outcomeUnknown` when the connection was lost before the confirm. `timedOut` when it could not be sent in time,
    ///   or was not confirmed in time while others were. `outcomeUnknown` as a property of the error tells for every code.
    public func publish(_ publication: AMQPPublication) async throws(AMQPError) {
        if let flaw = publication.flaw { throw AMQPError(.invalidArgument, flaw) }
        let operation = PendingOperation<Void>()
        let queued = QueuedPublication(
            publication: publication, observer: .operation(operation), deadline: .now + operationTimeout)
        try mailbox.post(.publish(id, [queued]), operations: 1, bytes: queued.bodySize)
        try await operation.value()
    }

    /// Publishes all without waiting in between; results in the order of `publications`.
    public func publish(contentsOf publications: [AMQPPublication]) async -> [Result<Void, AMQPError>] {
        guard !publications.isEmpty else { return [] }
        let batch = PendingBatch(count: publications.count)
        let deadline = ContinuousClock.now + operationTimeout
        var queued: [QueuedPublication] = []
        queued.reserveCapacity(publications.count)
        for (index, publication) in publications.enumerated() {
            if let flaw = publication.flaw {
                batch.finish(index, .failure(AMQPError(.invalidArgument, flaw)))
            } else {
                queued.append(
                    QueuedPublication(
                        publication: publication, observer: .batch(batch, index: index), deadline: deadline))
            }
        }
        if !queued.isEmpty {
            do throws(AMQPError) {
                try mailbox.post(
                    .publish(id, queued), operations: queued.count, bytes: queued.reduce(0) { $0 + $1.bodySize })
            } catch {
                for publication in queued { publication.observer.finish(.failure(error)) }
            }
        }
        return await batch.outcomes()
    }

    /// Publishes without a task that waits. `completion` is called exactly once with what ``publish(_:)`` would return or
    /// throw, at once or on the connection's thread, which it must not hold up.
    public func publish(
        _ publication: AMQPPublication, completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void
    ) {
        if let flaw = publication.flaw { return completion(.failure(AMQPError(.invalidArgument, flaw))) }
        let queued = QueuedPublication(
            publication: publication, observer: .callback(completion), deadline: .now + operationTimeout)
        do throws(AMQPError) {
            try mailbox.post(.publish(id, [queued]), operations: 1, bytes: queued.bodySize)
        } catch {
            completion(.failure(error))
        }
    }

    /// Hands a publication over without waiting for the broker; what becomes of it is not told.
    /// - Throws: `notConnected`, `blocked`, `busy`, `closed`, `invalidArgument` when it was refused at once.
    public func send(_ publication: AMQPPublication) throws(AMQPError) {
        if let flaw = publication.flaw { throw AMQPError(.invalidArgument, flaw) }
        let queued = QueuedPublication(
            publication: publication, observer: .none, deadline: .now + operationTimeout)
        try mailbox.post(.publish(id, [queued]), operations: 1, bytes: queued.bodySize)
    }
}
