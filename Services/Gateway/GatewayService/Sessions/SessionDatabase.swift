import MongoStore
import ServiceConnections
import ServiceLifecycle

/// Prepares the database of sessions as soon as it can be reached, and closes it when everything that uses it has
/// stopped.
struct SessionDatabase: Service {
    let database: MongoDatabase
    let indexes: IndexPreparation

    func run() async throws {
        _ = try await cancelWhenGracefulShutdown { try await indexes.make() }
        try? await gracefulShutdown()
        await database.shutdown()
    }
}
