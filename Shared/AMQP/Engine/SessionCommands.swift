internal import Logging

/// What callers ask for, done on a live connection.
extension Session {
    func apply(_ command: Command, at now: ContinuousClock.Instant) {
        switch command {
        case .openPublisher(let id):
            let publisher = registry.addPublisher(id)
            attach(publisher, at: now)
        case .closePublisher(let id):
            registry.publishers[id]?.close()
        case .publish(let id, let publications):
            registry.publish(publications, with: id, on: mailbox)
            if let blockedReason {
                registry.publishers[id]?.failBacklog(
                    AMQPError(.blocked, "the broker takes no publications: \(blockedReason)"))
            }
        case .request(let request):
            control.submit(request)
        case .openConsumer(let id, let stream):
            attach(registry.addConsumer(id, stream: stream), at: now)
        case .settle(let id, let generation, let settlement):
            registry.consumers[id]?.settle(settlement, generation: generation)
        case .bind(let id, let change):
            guard let consumer = registry.consumers[id] else {
                change.operation.finish(.failure(AMQPError(.closed, "the consumer was cancelled")))
                mailbox.release(operations: change.cost, bytes: 0)
                return
            }
            if let request = consumer.change(change) { control.submit(request) }
        case .forgetBindings(let id, let bindings):
            registry.consumers[id]?.forget(bindings)
        case .resubscribe(let id):
            registry.consumers[id]?.resubscribe(at: now)
        case .renew(let id):
            registry.consumers[id]?.renew(at: now)
        case .cancelConsumer(let id, let operation):
            if let consumer = registry.consumers[id] {
                consumer.cancel(operation, at: now)
            } else {
                operation.finish(.success(()))
            }
        case .shutDown(let patience):
            mailbox.admit(.closed)
            stage = patience ? .finishing(until: now + limits.operationTimeout) : .finishing(until: now)
        }
    }

    func attach(_ publisher: PublisherChannel, at now: ContinuousClock.Instant) {
        guard let number = channels.take() else {
            logger.error("no channel number is left for a publisher")
            return
        }
        channels.give(number, to: publisher)
        publisher.connected(wire, number: number, at: now)
    }

    func attach(_ consumer: ConsumerChannel, at now: ContinuousClock.Instant) {
        guard let number = channels.take() else {
            logger.error("no channel number is left for a consumer")
            consumer.starved(at: now)
            return
        }
        channels.give(number, to: consumer)
        consumer.connected(wire, number: number, at: now)
    }
}
