import AMQP
import ChatContracts
import LogKeys
public import Logging
import Synchronization

/// Publishes events and replies over one channel of its own. Publications of one task keep their order.
public final class BusPublisher: Sendable {
    /// A bus message grows to about this size before the next is begun.
    static let messageSize = 128 << 10

    private static let bucketKeys = (0..<Topology.bucketCount).map(Topology.bucketKey)
    private static let count = Atomic<Int>(0)

    private let bus: MessageBus
    private let logger: Logger
    private let publisher: AMQPPublisher
    /// Names this publisher among all that ever were; receivers count its messages.
    private let name: String
    private let serials = Mutex<[String: UInt64]>([:])

    public init(bus: MessageBus, logger: Logger) {
        self.bus = bus
        self.logger = logger
        publisher = bus.publishing.makePublisher()
        name = "\(bus.configuration.instance).\(Self.count.add(1, ordering: .relaxed).newValue)"
    }

    // MARK: Events

    /// Publishes events, merged into as few bus messages as their size allows, and returns when the broker has
    /// confirmed all of them.
    ///
    /// - Throws: `notSent` if surely none was published, else `outcomeUnknown`. Repeating is harmless: receivers ignore
    ///   what they have.
    public func publish(events: [OutgoingEvent]) async throws(BusError) {
        guard !events.isEmpty else { return }
        let chunks = Self.chunks(events, size: EventFrame.estimatedSize)
        let publications = serials.withLock { serials in
            chunks.map { chunk in
                let keys = Self.routingKeys(of: chunk)
                let numbered = keys.map { key in
                    let serial = serials[key, default: 0] + 1
                    serials[key] = serial
                    return (key: key, serial: serial)
                }
                return publication(of: chunk, keys: keys, serials: numbered)
            }
        }
        var failures: [AMQPError] = []
        for case .failure(let error) in await publisher.publish(contentsOf: publications) { failures.append(error) }
        let confirmed = publications.count - failures.count
        bus.metrics.published(.event, .confirmed, count: confirmed)
        guard let failure = failures.first(where: \.outcomeUnknown) ?? failures.first else { return }
        var error = BusError(failure, "\(failures.count) of \(publications.count) messages of events not confirmed")
        if confirmed > 0 { error.kind = .outcomeUnknown }
        bus.metrics.published(.event, error.outcomeUnknown ? .unknown : .notSent, count: failures.count)
        throw error
    }

    /// Sends an event that nobody misses when it is lost, without waiting: it is neither confirmed nor counted among those
    /// whose loss receivers notice.
    public func send(transient event: OutgoingEvent) {
        do {
            try publisher.send(publication(of: [event], keys: Self.routingKeys(of: [event]), serials: []))
            bus.metrics.published(.event, .sent)
        } catch {
            bus.metrics.published(.event, .notSent)
        }
    }

    private func publication(
        of events: ArraySlice<OutgoingEvent>, keys: [String], serials: [(key: String, serial: UInt64)]
    ) -> AMQPPublication {
        var properties = AMQPProperties(
            contentType: EventFrame.contentType, type: "events.v1", userID: bus.configuration.username,
            appID: bus.configuration.service)
        if keys.count > 1 {
            properties.headers[MessageHeaders.carbonCopy] = .array(keys.dropFirst().map(AMQPValue.string))
        }
        return AMQPPublication(
            exchange: Topology.eventsExchange, routingKey: keys[0],
            message: AMQPMessage(
                properties: properties, body: EventFrame.encode(events, publisher: name, serials: serials)))
    }

    /// The buckets of all recipients, the key of groups if there is an audience, and the names of all events, each once. Never
    /// empty.
    private static func routingKeys(of events: ArraySlice<OutgoingEvent>) -> [String] {
        var wanted = Set<Int>()
        var keys: [String] = []
        for event in events {
            if !keys.contains(event.name) { keys.append(event.name) }
            for recipient in event.recipients { wanted.insert(Topology.bucket(of: recipient)) }
            if event.audience != nil, !keys.contains(Topology.groupsKey) { keys.append(Topology.groupsKey) }
        }
        keys.append(contentsOf: wanted.map { bucketKeys[$0] })
        return keys
    }

    // MARK: Replies

    /// Sends replies, one bus message for all of one gateway, without waiting. What cannot be sent now is dropped and
    /// counted: the asker's deadline tells it that the outcome is unknown.
    public func send(replies: [OutgoingReply]) { bus.send(replies: replies, over: publisher, logger: logger) }

    /// Cuts a list into pieces of about ``messageSize``.
    static func chunks<Item>(_ items: [Item], size: (Item) -> Int) -> [ArraySlice<Item>] {
        var chunks: [ArraySlice<Item>] = []
        var start = 0
        var total = 0
        for index in items.indices {
            let size = size(items[index])
            if index > start, total + size > messageSize {
                chunks.append(items[start..<index])
                start = index
                total = 0
            }
            total += size
        }
        if start < items.count { chunks.append(items[start...]) }
        return chunks
    }
}

extension MessageBus {
    func send(replies: [OutgoingReply], over publisher: AMQPPublisher, logger: Logger) {
        let byAsker =
            replies.count == 1
            ? [replies[0].replyTo: replies] : Dictionary(grouping: replies, by: \.replyTo)
        for (asker, replies) in byAsker {
            for chunk in BusPublisher.chunks(replies, size: ReplyFrame.estimatedSize) {
                send(chunk, to: asker, over: publisher, logger: logger)
            }
        }
    }

    private func send(
        _ replies: ArraySlice<OutgoingReply>, to asker: String, over publisher: AMQPPublisher, logger: Logger
    ) {
        let properties = AMQPProperties(
            contentType: ReplyFrame.contentType, type: "replies.v1", userID: configuration.username,
            appID: configuration.service)
        let publication = AMQPPublication(
            exchange: Topology.repliesExchange, routingKey: asker,
            message: AMQPMessage(properties: properties, body: ReplyFrame.encode(replies)))
        do {
            try publisher.send(publication)
            metrics.published(.reply, .sent, count: replies.count)
        } catch {
            metrics.published(.reply, .notSent, count: replies.count)
            metrics.droppedReplies(replies.count)
            logger.warning(
                "Replies could not be sent.",
                metadata: [LogKey.count: "\(replies.count)", LogKey.error: "\(error)"])
        }
    }
}
