import Metrics
import Synchronization

/// What this module counts. The dimensions are the names of contracts and queues, never of users or requests.
struct BusMetrics: Sendable {
    enum Publication: String, Sendable { case command, query, reply, event, deadLetter = "dead-letter" }
    enum PublicationResult: String, Sendable { case confirmed, sent, notSent = "not-sent", unknown }
    enum RequestResult: String, Sendable {
        case replied, refused, notSent = "not-sent", unknown, malformedReply = "malformed-reply"
    }
    enum HandlingResult: String, Sendable { case replied, refused, failed, malformed, late }

    static let shared = BusMetrics()

    private let late = Counter(label: "martlet_bus_late_replies_total")
    private let dropped = Counter(label: "martlet_bus_dropped_replies_total")
    private let malformed = Counter(label: "martlet_bus_malformed_frames_total")
    private let gaps = Counter(label: "martlet_bus_event_gaps_total")
    private let cache = InstrumentCache()

    /// A reply came when nobody waited for it any more.
    func lateReply() { late.increment() }

    /// Replies could not be sent.
    func droppedReplies(_ count: Int) { dropped.increment(by: count) }

    /// The header line of a bus message cannot be read.
    func malformedFrame() { malformed.increment() }

    /// A message came from a broker user who may not send such.
    func disbelieved(_ kind: String) {
        cache.counter("martlet_bus_unknown_senders_total", [("kind", kind)]).increment()
    }

    /// Events were found to be missing.
    func eventGap() { gaps.increment() }

    func published(_ publication: Publication, _ result: PublicationResult, count: Int = 1) {
        guard count > 0 else { return }
        cache.counter(
            "martlet_bus_published_total", [("kind", publication.rawValue), ("result", result.rawValue)]
        ).increment(by: count)
    }

    func requestEnded(type: String, _ result: RequestResult, after duration: Duration) {
        cache.counter(
            "martlet_bus_requests_total", [("type", type), ("result", result.rawValue)]
        ).increment()
        cache.timer("martlet_bus_request_duration_seconds", [("type", type)])
            .record(duration: duration)
    }

    func handled(type: String, _ result: HandlingResult, after duration: Duration) {
        cache.counter(
            "martlet_bus_handled_total", [("type", type), ("result", result.rawValue)]
        ).increment()
        cache.timer("martlet_bus_handling_duration_seconds", [("type", type)])
            .record(duration: duration)
    }

    func delivered(queue: String, redelivered: Int, count: Int) {
        cache.counter("martlet_bus_deliveries_total", [("queue", queue)]).increment(by: count)
        if redelivered > 0 {
            cache.counter("martlet_bus_redeliveries_total", [("queue", queue)]).increment(by: redelivered)
        }
    }

    func deadLettered(queue: String) {
        cache.counter("martlet_bus_dead_lettered_total", [("queue", queue)]).increment()
    }

    /// A process could not make the bindings of its own queue.
    func bindingsRefused(exchange: String) {
        cache.counter("martlet_bus_bindings_refused_total", [("exchange", exchange)]).increment()
    }

    func subscriptionLost(queue: String) {
        cache.counter("martlet_bus_subscriptions_lost_total", [("queue", queue)]).increment()
    }
}

/// Keeps the handles of counters and timers, so that counting takes one look-up and no registration. Two dimensions at
/// most.
private final class InstrumentCache: Sendable {
    private struct Key: Hashable {
        var label: String
        var first: String
        var second: String

        init(_ label: String, _ dimensions: [(String, String)]) {
            self.label = label
            first = dimensions.first?.1 ?? ""
            second = dimensions.dropFirst().first?.1 ?? ""
        }
    }

    private struct Handles {
        var counters: [Key: Counter] = [:]
        var timers: [Key: Timer] = [:]
    }

    private let handles = Mutex(Handles())

    func counter(_ label: String, _ dimensions: [(String, String)]) -> Counter {
        let key = Key(label, dimensions)
        return handles.withLock { handles in
            if let counter = handles.counters[key] { return counter }
            let counter = Counter(label: label, dimensions: dimensions)
            handles.counters[key] = counter
            return counter
        }
    }

    func timer(_ label: String, _ dimensions: [(String, String)]) -> Timer {
        let key = Key(label, dimensions)
        return handles.withLock { handles in
            if let timer = handles.timers[key] { return timer }
            let timer = Timer(label: label, dimensions: dimensions, preferredDisplayUnit: .seconds)
            handles.timers[key] = timer
            return timer
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
