import HTTPTypes
import Synchronization

/// How often something may happen: `perSecond` in the long run, `burst` times at once.
struct Rate: Sendable, Equatable {
    var perSecond: Double
    var burst: Double
}

/// One token bucket, as arithmetic on a clock that the caller reads.
struct TokenBucket: Sendable {
    private(set) var tokens: Double
    private(set) var updated: ContinuousClock.Instant

    init(full rate: Rate, now: ContinuousClock.Instant) {
        tokens = rate.burst
        updated = now
    }

    /// Takes a token, or answers how many seconds it takes until there is one.
    mutating func take(_ rate: Rate, now: ContinuousClock.Instant) -> Double? {
        refill(rate, now: now)
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return rate.perSecond > 0 ? (1 - tokens) / rate.perSecond : .infinity
    }

    /// A full bucket tells nothing that a new one would not.
    mutating func isFull(_ rate: Rate, now: ContinuousClock.Instant) -> Bool {
        refill(rate, now: now)
        return tokens >= rate.burst
    }

    private mutating func refill(_ rate: Rate, now: ContinuousClock.Instant) {
        let elapsed = (now - updated) / .seconds(1)
        tokens = min(rate.burst, tokens + max(0, elapsed) * rate.perSecond)
        updated = now
    }
}

/// A token bucket for each key, in this process. Bounded: full buckets are swept out, and if there still are too many,
/// newcomers share one bucket until there is room.
final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var buckets: [Key: TokenBucket] = [:]
        var overflow: TokenBucket?
        var sweepAt: Int
        /// A sweep costs as much as there are buckets, so it must not come with every newcomer when it frees nothing.
        var sweptAt: ContinuousClock.Instant?
    }

    let rate: Rate
    private let capacity: Int
    private let state: Mutex<State>

    init(rate: Rate, capacity: Int = 100_000) {
        self.rate = rate
        self.capacity = capacity
        state = Mutex(State(sweepAt: min(1_024, capacity)))
    }

    /// Takes a token of `key`; throws the 429 problem if there is none.
    func take(_ key: Key, now: ContinuousClock.Instant = .now) throws(Problem) {
        guard let wait = wait(key, now: now) else { return }
        throw .tooManyRequests(after: wait)
    }

    /// Takes a token of `key`, or answers how many seconds it takes until there is one.
    func wait(_ key: Key, now: ContinuousClock.Instant = .now) -> Double? {
        state.withLock { state in
            if let index = state.buckets.index(forKey: key) {
                return state.buckets.values[index].take(rate, now: now)
            }
            if state.buckets.count >= state.sweepAt, state.sweptAt.map({ now - $0 >= .seconds(1) }) ?? true {
                state.sweptAt = now
                state.buckets = state.buckets.filter { entry in
                    var bucket = entry.value
                    return !bucket.isFull(rate, now: now)
                }
                state.sweepAt = min(capacity, max(1_024, state.buckets.count * 2))
            }
            var bucket = TokenBucket(full: rate, now: now)
            guard state.buckets.count < capacity else {
                var shared = state.overflow ?? bucket
                defer { state.overflow = shared }
                return shared.take(rate, now: now)
            }
            let wait = bucket.take(rate, now: now)
            state.buckets[key] = bucket
            return wait
        }
    }

    var count: Int { state.withLock { $0.buckets.count } }
}

extension Problem {
    static let tooManyRequestsText = "There were too many requests."

    /// - Parameter what: A sentence that says what there was too much of; when to try again follows it.
    static func tooManyRequests(after seconds: Double, _ what: String = tooManyRequestsText) -> Problem {
        let wait = Int(min(max(seconds.rounded(.up), 1), 900))
        var problem = Problem(
            .tooManyRequests, .tooManyRequests, "\(what) Try again in \(words(wait)).", retryAfter: wait)
        problem.limit = what
        return problem
    }

    private static func words(_ seconds: Int) -> String {
        if seconds == 1 { return "1 second" }
        return seconds <= 90 ? "\(seconds) seconds" : "\((seconds + 59) / 60) minutes"
    }
}
