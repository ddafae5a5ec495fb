import ServiceConnections
import ServiceLifecycle

/// Runs the servers once the indexes exist: nothing is stored without them.
struct IndexedServing: Service {
    let indexes: IndexPreparation
    let servers: [any Service]

    func run() async throws {
        let isPrepared = try await cancelWhenGracefulShutdown { try await indexes.make() }
        guard isPrepared else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }
}
