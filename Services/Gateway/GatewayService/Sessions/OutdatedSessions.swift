import ChatContracts
import Logging
import MongoStore
import ServiceLifecycle
import Synchronization

/// Removes the sessions that a change of password has ended from the database, one user after the other, while it runs.
/// Every gateway does, because each may be the only one that heard of the change. What is not removed, because too much
/// waits or the gateway stops, is found out when it is looked up. Bounded.
final class OutdatedSessions: Service {
    private let store: any SessionStore
    private let logger: Logger
    private let capacity: Int
    /// The version below which a user's sessions are to go.
    private let waiting = Mutex<[UserID: Int64]>([:])
    /// Says that something waits; more than one signal is no more than one.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(store: any SessionStore, capacity: Int = 10_000, logger: Logger) {
        self.store = store
        self.capacity = capacity
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Users whose sessions are still to be removed.
    var count: Int { waiting.withLock(\.count) }

    /// Has them removed soon. Does not wait.
    func remove(of user: UserID, below version: Int64) {
        let isNoted = waiting.withLock { waiting in
            guard waiting[user] != nil || waiting.count < capacity else { return false }
            waiting[user] = max(version, waiting[user] ?? 0)
            return true
        }
        if isNoted { signal.yield() }
    }

    /// Removes what comes, until a graceful shutdown or cancellation. Runs once.
    func run() async {
        for await _ in signals.cancelOnGracefulShutdown() {
            while !Task.isShuttingDownGracefully, !Task.isCancelled, let (user, version) = next() {
                await removeNow(of: user, below: version)
            }
        }
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

    private func next() -> (UserID, Int64)? {
        waiting.withLock { waiting in
            guard let first = waiting.first else { return nil }
            waiting[first.key] = nil
            return (first.key, first.value)
        }
    }
}
