import ChatContracts
import MongoStore
import Synchronization

/// A session store that answers many look-ups with one query: those that come while queries are under way wait for one of
/// them to end, and then share the next. When thousands of browsers come back at once, each brings a session that nobody
/// remembers, and one query each would be more than the database's threads admit.
///
/// A look-up never joins a query that has begun, so it sees whatever was stored before it was asked for. How long it waits
/// is limited by the time of a query, which the database's settings limit, and by the requests that the gateway admits.
final class CoalescingSessionStore<Base: SessionStore>: SessionStore {
    /// Queries at the same time.
    private static var width: Int { 2 }
    /// Sessions of one query.
    private static var batch: Int { 500 }

    private enum Turn {
        case answered(Result<Session?, MongoError>)
        /// To ask for itself and for these.
        case asks([Waiting])
    }

    private struct Waiting {
        var key: SessionKey
        var continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var queries = 0
        var waiting: [Waiting] = []
    }

    private let base: Base
    private let state = Mutex(State())

    init(_ base: Base) { self.base = base }

    func find(_ key: SessionKey) async throws(MongoError) -> Session? {
        let turn: Turn = await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.queries >= Self.width else {
                    state.queries += 1
                    return true
                }
                state.waiting.append(Waiting(key: key, continuation: continuation))
                return false
            }
            if isFree { continuation.resume(returning: .asks([])) }
        }
        switch turn {
        case .answered(let result): return try result.get()
        case .asks(let others):
            let found = await look(for: key, and: others)
            passOn()
            return try found.get()
        }
    }

    private func look(for key: SessionKey, and others: [Waiting]) async -> Result<Session?, MongoError> {
        do throws(MongoError) {
            if others.isEmpty { return .success(try await base.find(key)) }
            let sessions = try await base.find([key] + others.map(\.key))
            let byKey = Dictionary(sessions.map { ($0.key, $0) }) { first, _ in first }
            for other in others { other.continuation.resume(returning: .answered(.success(byKey[other.key]))) }
            return .success(byKey[key])
        } catch  where error.code == .invalidDocument && !others.isEmpty {
            // One session cannot be read; each now asks for its own, and only that one fails.
            state.withLock { $0.queries += others.count }
            for other in others { other.continuation.resume(returning: .asks([])) }
            return await look(for: key, and: [])
        } catch {
            for other in others { other.continuation.resume(returning: .answered(.failure(error))) }
            return .failure(error)
        }
    }

    /// The first of those that wait asks for all of them.
    private func passOn() {
        let next = state.withLock { state -> [Waiting] in
            let next = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(next.count)
            if next.isEmpty { state.queries -= 1 }
            return next
        }
        next.first?.continuation.resume(returning: .asks(Array(next.dropFirst())))
    }

    func find(_ keys: [SessionKey]) async throws(MongoError) -> [Session] { try await base.find(keys) }

    func insert(_ session: Session) async throws(MongoError) { try await base.insert(session) }

    func touch(_ key: SessionKey, lastSeenAt: Timestamp, expiresAt: Timestamp) async throws(MongoError) {
        try await base.touch(key, lastSeenAt: lastSeenAt, expiresAt: expiresAt)
    }

    func list(of user: UserID) async throws(MongoError) -> [Session] { try await base.list(of: user) }

    func surplus(of user: UserID, keeping count: Int) async throws(MongoError) -> [SessionKey] {
        try await base.surplus(of: user, keeping: count)
    }

    func removeOutdated(of user: UserID, below version: Int64) async throws(MongoError) {
        try await base.removeOutdated(of: user, below: version)
    }

    func remove(_ keys: [SessionKey], of user: UserID) async throws(MongoError) -> Bool {
        try await base.remove(keys, of: user)
    }

    func existing(_ keys: [SessionKey]) async throws(MongoError) -> Set<SessionKey> {
        // One at a time comes with every new stream; many at a time are shared already.
        guard keys.count == 1, let key = keys.first else { return try await base.existing(keys) }
        return try await find(key) == nil ? [] : [key]
    }
}
