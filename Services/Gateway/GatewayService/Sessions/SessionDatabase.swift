import Logging
import MongoStore
import ServiceLifecycle
import Synchronization

/// Prepares the database of sessions as soon as it can be reached, and closes it when everything that uses it has
/// stopped.
final class SessionDatabase: Service {
    private let database: MongoDatabase
    private let store: MongoSessionStore
    private let logger: Logger
    private let prepared = Atomic<Bool>(false)

    init(database: MongoDatabase, store: MongoSessionStore, logger: Logger) {
        self.database = database
        self.store = store
        self.logger = logger
    }

    /// Whether the indexes exist.
    var isPrepared: Bool { prepared.load(ordering: .acquiring) }

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await self.prepare() }
        try? await gracefulShutdown()
        await database.shutdown()
    }

    private func prepare() async throws {
        var delay: Duration = .milliseconds(250)
        while true {
            do {
                try await store.createIndexes()
                prepared.store(true, ordering: .releasing)
                return
            } catch {
                logger.notice("The session store cannot be prepared yet", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: delay * Double.random(in: 0.5...1))
            delay = min(delay * 2, .seconds(5))
        }
    }
}
