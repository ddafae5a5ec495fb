/// Finds out from the numbers in ``EventFrame`` that messages were dropped. Pure; instants come from the caller.
///
/// Two tasks that publish at once may swap places on the way, so a missing number is reported only when it has not come
/// after a grace time. A key counts from a while after it was bound: what was queued before through another key
/// would look like a gap.
struct SerialGaps<Instant: InstantProtocol> where Instant.Duration == Swift.Duration {
    private struct Stream {
        var last: UInt64
        var missing: [UInt64: Instant] = [:]
    }

    private struct Publisher {
        var streams: [String: Stream] = [:]
        var lastSeen: Instant
    }

    private let grace: Duration
    private let settling: Duration
    private let maximumPublishers: Int
    private var keys: [String: Instant] = [:]
    private var publishers: [String: Publisher] = [:]
    /// No missing number is older than this; nil if none is missing.
    private var oldestMissing: Instant?

    /// More than this at once is no swap.
    private static var largestSwap: UInt64 { 64 }

    init(grace: Duration = .seconds(1), settling: Duration = .seconds(2), maximumPublishers: Int = 256) {
        self.grace = grace
        self.settling = settling
        self.maximumPublishers = maximumPublishers
    }

    mutating func track(_ key: String, now: Instant) {
        keys[key] = now.advanced(by: settling)
        forgetStreams(of: key)
    }

    mutating func untrack(_ key: String) {
        keys[key] = nil
        forgetStreams(of: key)
    }

    /// After a new subscription: numbers start anywhere.
    mutating func restart(now: Instant) {
        publishers = [:]
        oldestMissing = nil
        for key in keys.keys { keys[key] = now.advanced(by: settling) }
    }

    /// - Returns: Whether something was surely dropped, and each thing once.
    mutating func observe(publisher name: String, serials: [(key: String, serial: UInt64)], now: Instant) -> Bool {
        var dropped = false
        if publishers[name] == nil {
            makeRoom()
            publishers[name] = Publisher(lastSeen: now)
        }
        publishers[name]?.lastSeen = now
        for (key, serial) in serials {
            guard let start = keys[key], start <= now else { continue }
            guard var stream = publishers[name]?.streams[key] else {
                publishers[name]?.streams[key] = Stream(last: serial)
                continue
            }
            if serial <= stream.last {
                stream.missing[serial] = nil
            } else {
                let gap = serial - stream.last - 1
                if gap > Self.largestSwap || stream.missing.count > 1024 {
                    dropped = true
                    stream.missing = [:]
                } else if gap > 0 {
                    for number in stream.last + 1..<serial { stream.missing[number] = now }
                    oldestMissing = oldestMissing ?? now
                }
                stream.last = serial
            }
            publishers[name]?.streams[key] = stream
        }
        if let oldestMissing, oldestMissing.advanced(by: grace) <= now, sweep(now: now) { dropped = true }
        return dropped
    }

    private mutating func sweep(now: Instant) -> Bool {
        var dropped = false
        var oldest: Instant?
        for (name, publisher) in publishers {
            for (key, stream) in publisher.streams where !stream.missing.isEmpty {
                var missing = stream.missing
                for (number, since) in stream.missing {
                    if since.advanced(by: grace) <= now {
                        missing[number] = nil
                        dropped = true
                    } else {
                        oldest = min(oldest ?? since, since)
                    }
                }
                publishers[name]?.streams[key]?.missing = missing
            }
        }
        oldestMissing = oldest
        return dropped
    }

    private mutating func forgetStreams(of key: String) {
        for name in publishers.keys { publishers[name]?.streams[key] = nil }
    }

    private mutating func makeRoom() {
        guard publishers.count >= maximumPublishers,
            let stalest = publishers.min(by: { $0.value.lastSeen < $1.value.lastSeen })
        else { return }
        publishers[stalest.key] = nil
    }
}
