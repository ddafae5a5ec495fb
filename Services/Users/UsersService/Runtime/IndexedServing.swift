import MessageBus
import ServiceConnections
import ServiceLifecycle
import Synchronization

/// Creates and runs the servers once the indexes exist: without its unique index the database would store one username
/// twice. They are made only then, because a server receives requests from the moment that it is made.
final class IndexedServing: Service {
    private let indexes: IndexPreparation
    private let makeServers: @Sendable () -> [RequestServer]
    private let background: @Sendable () async -> Void
    private let servers = Mutex<[RequestServer]?>(nil)

    /// - Parameter background: runs beside the servers, until it returns or is cancelled.
    init(
        indexes: IndexPreparation, background: @escaping @Sendable () async -> Void,
        makeServers: @escaping @Sendable () -> [RequestServer]
    ) {
        self.background = background
        self.indexes = indexes
        self.makeServers = makeServers
    }

    /// Why requests cannot be received right now; nil if all kinds of them can.
    var missingSubscriptions: String? {
        guard let servers = servers.withLock({ $0 }) else { return "not started" }
        let missing = servers.count { !$0.isSubscribed }
        return missing == 0 ? nil : "\(missing) of \(servers.count) are missing"
    }

    func run() async throws {
        let isPrepared = try await cancelWhenGracefulShutdown { try await self.indexes.make() }
        guard isPrepared else { return }
        let servers = makeServers()
        self.servers.withLock { $0 = servers }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [background] in await cancelWhenGracefulShutdown { await background() } }
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }
}
