import ChatContracts
import Synchronization

/// Sessions that were looked up in the last seconds, so that a busy browser does not cost a database read with each
/// request. Bounded.
final class SessionCache: Sendable {
    private struct Entry {
        var session: Session
        var fetched: ContinuousClock.Instant
    }

    private struct State {
        var entries: [SessionKey: Entry] = [:]
        /// Sessions that ended lately: a look-up that began before must not bring them back.
        var ended: [SessionKey: ContinuousClock.Instant] = [:]
        var sweepEndedAt = 1_024
        /// Whether endings on other gateways are heard of.
        var isHearing = false
        /// Counts what makes look-ups in progress doubtful.
        var epoch = 0
    }

    private let lifetime: Duration
    private let capacity: Int
    private let state = Mutex(State())

    init(lifetime: Duration, capacity: Int = 50_000) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// The session, if it was fetched within the cache's lifetime.
    func session(_ key: SessionKey, now: ContinuousClock.Instant = .now) -> Session? {
        state.withLock { state in
            guard let entry = state.entries[key], now - entry.fetched < lifetime else { return nil }
            return entry.session
        }
    }

    /// The session however old the entry is, provided that its end would have been heard of: what to go by when the
    /// database cannot be asked.
    func staleSession(_ key: SessionKey) -> Session? {
        state.withLock { $0.isHearing ? $0.entries[key]?.session : nil }
    }

    /// To be taken before a look-up and given to ``store(_:since:now:)``.
    var epoch: Int { state.withLock { $0.epoch } }

    /// Keeps a session that a look-up found, unless it ended meanwhile. Answers whether it lives.
    func store(_ session: Session, since epoch: Int, now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            guard state.ended[session.key] == nil else { return false }
            guard state.epoch == epoch else { return true }
            if state.entries.count >= capacity, state.entries[session.key] == nil {
                state.entries = state.entries.filter { now - $0.value.fetched < lifetime }
                if state.entries.count >= capacity { state.entries.removeAll() }
            }
            state.entries[session.key] = Entry(session: session, fetched: now)
            return true
        }
    }

    /// The sessions are dead from now on.
    func end(_ keys: some Sequence<SessionKey>, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            if state.ended.count >= state.sweepEndedAt {
                state.ended = state.ended.filter { now - $0.value < .seconds(60) }
                state.sweepEndedAt = max(1_024, state.ended.count * 2)
            }
            for key in keys {
                state.entries[key] = nil
                state.ended[key] = now
            }
        }
    }

    /// The user's sessions of a lower credential version are dead from now on. Answers those that were known.
    func endOutdated(of user: UserID, below version: Int64) -> [SessionKey] {
        let keys = state.withLock { state in
            state.entries.values.filter { $0.session.user == user && $0.session.credentialVersion < version }
                .map(\.session.key)
        }
        end(keys)
        return keys
    }

    /// The database does not have the session.
    func forget(_ key: SessionKey) { state.withLock { $0.entries[key] = nil } }

    /// Endings are heard of from now on, or not any more. Forgets everything, because some may have been missed.
    func setHearing(_ isHearing: Bool) {
        state.withLock { state in
            state.isHearing = isHearing
            state.entries.removeAll()
            state.epoch += 1
        }
    }
}
