import Synchronization

/// Slows guessing of passwords: after five failures in a row each further attempt has to wait 1, 2, 4 … 900 seconds after
/// the one before. Nothing is ever locked, and a success forgets the failures.
///
/// Strangers are counted by the name as typed (without case), existing or not, so that it tells nothing about which names
/// exist; devices and sessions that are known, by their own ids. Each gateway counts for itself.
final class SignInThrottle: Sendable {
    static let freeFailures = 5
    static let longestDelay: Duration = .seconds(900)

    private struct Entry {
        var failures: Int
        var last: ContinuousClock.Instant
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var sweepAt = 1_024
        /// A sweep costs as much as there are entries, so it must not come with every attempt when it frees nothing.
        var sweptAt: ContinuousClock.Instant?
    }

    private let capacity: Int
    private let firstDelay: Duration
    private let state = Mutex(State())

    /// - Parameter firstDelay: What the first attempt has to wait for that is not free; it doubles from there.
    init(capacity: Int = 100_000, firstDelay: Duration = .seconds(1)) {
        self.capacity = capacity
        self.firstDelay = firstDelay
    }

    /// To be called before the password is checked: counts the attempt as a failure until it is known to be a success,
    /// so that attempts side by side count too. Throws the 429 problem if it comes too early.
    func begin(_ name: String, now: ContinuousClock.Instant = .now) throws(Problem) {
        let key = Self.key(name)
        let wait: Duration? = state.withLock { state in
            sweepIfNeeded(&state, now: now)
            var entry = state.entries[key] ?? Entry(failures: 0, last: now)
            let allowed = entry.last + Self.delay(after: entry.failures, first: firstDelay)
            guard now >= allowed else { return allowed - now }
            guard state.entries[key] != nil || state.entries.count < capacity else { return .seconds(1) }
            entry.failures += 1
            entry.last = now
            state.entries[key] = entry
            return nil
        }
        if let wait { throw .tooManyRequests(after: wait / .seconds(1), "The password was wrong too often.") }
    }

    /// The password was right.
    func succeeded(_ name: String) {
        state.withLock { _ = $0.entries.removeValue(forKey: Self.key(name)) }
    }

    /// The attempt told nothing about the password, because it was never checked.
    func abandoned(_ name: String) {
        state.withLock { state in
            let key = Self.key(name)
            guard var entry = state.entries[key] else { return }
            entry.failures -= 1
            state.entries[key] = entry.failures > 0 ? entry : nil
        }
    }

    /// Names that are too long to exist must not fill the memory.
    static func key(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.prefix(64), as: UTF8.self)
    }

    static func delay(after failures: Int, first: Duration = .seconds(1)) -> Duration {
        guard failures >= freeFailures else { return .zero }
        let doublings = min(failures - freeFailures, 10)
        return min(first * (1 << doublings), longestDelay)
    }

    private func sweepIfNeeded(_ state: inout State, now: ContinuousClock.Instant) {
        guard state.entries.count >= state.sweepAt, state.sweptAt.map({ now - $0 >= .seconds(1) }) ?? true else {
            return
        }
        state.sweptAt = now
        state.entries = state.entries.filter { now - $0.value.last < Self.longestDelay }
        state.sweepAt = min(capacity, max(1_024, state.entries.count * 2))
    }
}
