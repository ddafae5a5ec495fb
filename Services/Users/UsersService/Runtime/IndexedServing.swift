import Logging
import MessageBus
import MongoStore
import ServiceLifecycle
import Synchronization

/// Makes the indexes before anything is served, however long the database stays away, and then runs the servers.
///
/// Without its unique index the database would store one username twice. The servers are made only then, because a
/// server is handed requests from the moment that it is made.
final class IndexedServing: Service {
    private enum Stage {
        case preparing(obstacle: String)
        case serving([RequestServer])
    }

    private let store: AccountStore
    private let makeServers: @Sendable () -> [RequestServer]
    private let logger: Logger
    private let stage = Mutex(Stage.preparing(obstacle: "not made yet"))

    init(store: AccountStore, logger: Logger, makeServers: @escaping @Sendable () -> [RequestServer]) {
        self.store = store
        self.makeServers = makeServers
        self.logger = logger
    }

    /// Why the indexes do not exist yet; nil once they do.
    var missingIndexes: String? {
        stage.withLock { if case .preparing(let obstacle) = $0 { obstacle } else { nil } }
    }

    /// Why requests cannot be received right now; nil if all kinds of them can.
    var missingSubscriptions: String? {
        stage.withLock { stage in
            guard case .serving(let servers) = stage else { return "not begun" }
            let missing = servers.count { !$0.isSubscribed }
            return missing == 0 ? nil : "\(missing) of \(servers.count) are missing"
        }
    }

    func run() async throws {
        let isPrepared = try await cancelWhenGracefulShutdown { try await self.prepare() }
        guard isPrepared else { return }
        let servers = makeServers()
        stage.withLock { $0 = .serving(servers) }
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
                return true
            } catch {
                // Time does not heal two accounts with the same username.
                if error.code == .duplicateKey { throw error }
                if Task.isCancelled { return false }
                attempt += 1
                stage.withLock { $0 = .preparing(obstacle: "not made yet: \(error.code)") }
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
