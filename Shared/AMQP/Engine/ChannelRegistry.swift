internal import Logging

/// The publishers and consumers of a connection; they outlive its sessions. Belongs to the connection's thread.
final class ChannelRegistry {
    var publishers: [PublisherID: PublisherChannel] = [:]
    var consumers: [ConsumerID: ConsumerChannel] = [:]
    private let limits: Limits
    private let logger: Logger

    init(limits: Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    func addPublisher(_ id: PublisherID) -> PublisherChannel {
        let publisher = PublisherChannel(limits: limits, logger: logger)
        publishers[id] = publisher
        return publisher
    }

    func addConsumer(_ id: ConsumerID, stream: ConsumerStream) -> ConsumerChannel {
        let consumer = ConsumerChannel(stream: stream, limits: limits, logger: logger)
        consumers[id] = consumer
        return consumer
    }

    func publish(_ publications: [QueuedPublication], with id: PublisherID, on mailbox: Mailbox) {
        if let publisher = publishers[id] { return publisher.submit(publications) }
        let error = AMQPError(.closed, "the publisher was closed")
        for queued in publications { queued.observer.finish(.failure(error)) }
        mailbox.release(operations: publications.count, bytes: publications.reduce(0) { $0 + $1.bodySize })
    }

    func removeEnded() {
        publishers = publishers.filter { !$0.value.isClosing }
        consumers = consumers.filter { !$0.value.isEnded }
    }

    /// Ends everything for good.
    func finish(at now: ContinuousClock.Instant) {
        for consumer in consumers.values { consumer.cancel(nil, at: now) }
        publishers = [:]
        consumers = [:]
    }
}
