import Logging
import MongoStore
import ServiceLifecycle
import Synchronization

/// Makes the indexes before anything is served, however long the database stays away, and then runs the servers.
///
/// The unique indexes are what keeps numbers and messages unique. Nothing is stored without them.
final class IndexedServing: Service {
    private let store: MessageStore
    private let servers: [any Service]
    private let logger: Logger
    private let obstacle = Mutex<String?>("the indexes are not made yet")

    init(store: MessageStore, servers: [any Service], logger: Logger) {
        self.store = store
        self.servers = servers
        self.logger = logger
    }

    /// Why nothing is served yet; nil once the indexes exist.
    var reason: String? { obstacle.withLock { $0 } }

    func run() async throws {
        let isPrepared = try await cancelWhenGracefulShutdown { try await self.prepare() }
        guard isPrepared else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }

    /// - Returns: false if a shutdown came first.
    private func prepare() async throws -> Bool {
        var attempt = 0
        while true {
            do throws(MongoError) {
                try await store.createIndexes()
                obstacle.withLock { $0 = nil }
                return true
            } catch {
                // Time does not heal two messages with the same number.
                if error.code == .duplicateKey { throw error }
                if Task.isCancelled { return false }
                attempt += 1
                obstacle.withLock { $0 = "the indexes are not made yet: \(error.code)" }
                logger.warning(
                    "the indexes cannot be made yet",
                    metadata: [LogKey.attempt: "\(attempt)", LogKey.error: "\(error)"])
            }
            let longest = Duration.milliseconds(min(10_000, 100 << min(attempt, 7)))
            do {
                try await Task.sleep(for: longest * Double.random(in: 0.5...1))
            } catch {
                return false
            }
        }
    }
}
