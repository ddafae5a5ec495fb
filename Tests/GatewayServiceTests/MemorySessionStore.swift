import ChatContracts
import MongoStore
import Synchronization

@testable import GatewayService

/// Sessions in memory, with a switch that takes the database away.
final class MemorySessionStore: SessionStore {
    private struct State {
        var sessions: [SessionKey: Session] = [:]
        var failure: MongoError?
        var finds = 0
        var sureFinds = 0
        var delay: Duration?
    }

    private let state = Mutex(State())

    func fail(with error: MongoError?) { state.withLock { $0.failure = error } }
    /// Queries that looked for sessions.
    var finds: Int { state.withLock { $0.finds } }
    /// Those of them that had to be sure.
    var sureFinds: Int { state.withLock { $0.sureFinds } }
    /// From now on each query takes so long.
    func slow(by delay: Duration) { state.withLock { $0.delay = delay } }

    private func wait() async {
        if let delay = state.withLock({ $0.delay }) { try? await Task.sleep(for: delay) }
    }

    private func access<Result: Sendable>(
        _ body: (inout sending State) -> Result
    ) throws(MongoError) -> Result {
        let result: Swift.Result<Result, MongoError> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            return .success(body(&state))
        }
        return try result.get()
    }

    func insert(_ session: Session) async throws(MongoError) { try access { $0.sessions[session.key] = session } }

    func find(_ key: SessionKey) async throws(MongoError) -> Session? {
        await wait()
        return try access { state in
            state.finds += 1
            return state.sessions[key]
        }
    }

    func find(_ keys: [SessionKey], surely: Bool) async throws(MongoError) -> [Session] {
        await wait()
        return try access { state in
            state.finds += 1
            if surely { state.sureFinds += 1 }
            return keys.compactMap { state.sessions[$0] }
        }
    }

    func touch(_ key: SessionKey, lastSeenAt: Timestamp, expiresAt: Timestamp) async throws(MongoError) {
        try access { state in
            state.sessions[key]?.lastSeenAt = lastSeenAt
            state.sessions[key]?.expiresAt = expiresAt
        }
    }

    func list(of user: UserID) async throws(MongoError) -> [Session] {
        try access { state in
            state.sessions.values.filter { $0.user == user }.sorted { $0.lastSeenAt > $1.lastSeenAt }
        }
    }

    func surplus(of user: UserID, keeping count: Int) async throws(MongoError) -> [SessionKey] {
        try await list(of: user).dropFirst(count).map(\.key)
    }

    func removeOutdated(of user: UserID, below version: Int64) async throws(MongoError) {
        try access { state in
            state.sessions = state.sessions.filter { $0.value.user != user || $0.value.credentialVersion >= version }
        }
    }

    func remove(_ keys: [SessionKey], of user: UserID) async throws(MongoError) -> Bool {
        try access { state in
            var removed = false
            for key in keys where state.sessions[key]?.user == user {
                state.sessions[key] = nil
                removed = true
            }
            return removed
        }
    }

    func existing(_ keys: [SessionKey]) async throws(MongoError) -> Set<SessionKey> {
        await wait()
        return try access { state in Set(keys.filter { state.sessions[$0] != nil }) }
    }
}
