import ChatContracts
import MongoStore
import Synchronization

/// A session store that answers many look-ups with one query, see ``SharedQuestions``. When thousands of browsers come back
/// at once, each brings a session that nobody remembers, and one query each would be more than the database's threads
/// admit.
///
/// After a query that found no database it asks for ten seconds with reads that are certain to see what was deleted
/// before: a gateway that was cut off has missed sessions that ended.
///
/// How long a look-up waits is limited by the time of a query, which the database's settings limit, and by the requests
/// that the gateway admits.
final class CoalescingSessionStore<Base: SessionStore>: SessionStore {
    private typealias Questions = SharedQuestions<SessionKey, Result<Session?, MongoError>>

    private let base: Base
    private let questions = Questions(width: 2, batch: 500)
    private let doubt: Duration
    private let doubtfulUntil = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter doubt: How long after a failure reads have to be sure.
    init(_ base: Base, doubt: Duration = .seconds(10)) {
        self.base = base
        self.doubt = doubt
    }

    private var isInDoubt: Bool { doubtfulUntil.withLock { $0.map { .now < $0 } ?? false } }

    func find(_ key: SessionKey) async throws(MongoError) -> Session? {
        switch await questions.turn(for: key) {
        case .answered(let result): return try result.get()
        case .asks(let others):
            let found = await look(for: key, and: others)
            questions.passOn()
            return try found.get()
        }
    }

    private func look(
        for key: SessionKey, and others: [Questions.Waiting]
    ) async -> Result<Session?, MongoError> {
        do throws(MongoError) {
            let isInDoubt = isInDoubt
            if others.isEmpty, !isInDoubt { return .success(try await base.find(key)) }
            let sessions = try await base.find([key] + others.map(\.key), surely: isInDoubt)
            let byKey = Dictionary(sessions.map { ($0.key, $0) }) { first, _ in first }
            for other in others { other.answer(.success(byKey[other.key])) }
            return .success(byKey[key])
        } catch  where error.code == .invalidDocument && !others.isEmpty {
            // One session cannot be read; each now asks for its own, and only that one fails.
            questions.separate(others)
            return await look(for: key, and: [])
        } catch {
            if error.code == .unavailable { doubtfulUntil.withLock { $0 = .now + doubt } }
            for other in others { other.answer(.failure(error)) }
            return .failure(error)
        }
    }

    func find(_ keys: [SessionKey], surely: Bool) async throws(MongoError) -> [Session] {
        try await base.find(keys, surely: surely)
    }

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
