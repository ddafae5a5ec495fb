import ChatContracts
import Logging
import MongoStore
import Synchronization

/// Removes the sessions that a change of password has ended from the database, one user after the other. Every gateway
/// does, because each may be the only one that heard of the change. What cannot be removed is found out when it is looked
/// up. Bounded.
final class OutdatedSessions: Sendable {
    private struct State {
        /// The version below which a user's sessions are to go.
        var versions: [UserID: Int64] = [:]
        var isRemoving = false
    }

    private static let capacity = 10_000

    private let store: any SessionStore
    private let logger: Logger
    private let state = Mutex(State())

    init(store: any SessionStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Removes them soon. Does not wait.
    func remove(of user: UserID, below version: Int64) {
        let mustBegin = state.withLock { state in
            guard state.versions[user] != nil || state.versions.count < Self.capacity else { return false }
            state.versions[user] = max(version, state.versions[user] ?? 0)
            defer { state.isRemoving = true }
            return !state.isRemoving
        }
        if mustBegin { Task { await removeAll() } }
    }

    /// Removes them now, if the database can be reached.
    func removeNow(of user: UserID, below version: Int64) async {
        do throws(MongoError) {
            try await store.removeOutdated(of: user, below: version)
        } catch {
            logger.notice(
                "Sessions from before a change of password could not be removed; they are refused all the same",
                metadata: ["user": "\(user)", "error": "\(error)"])
        }
    }

    private func removeAll() async {
        while let (user, version) = next() { await removeNow(of: user, below: version) }
    }

    private func next() -> (UserID, Int64)? {
        state.withLock { state in
            guard let first = state.versions.first else {
                state.isRemoving = false
                return nil
            }
            state.versions[first.key] = nil
            return (first.key, first.value)
        }
    }
}
