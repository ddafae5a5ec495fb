import MongoStore
import ServiceLifecycle

/// Closes the database's connections when everything that uses them has stopped.
struct DatabaseLifetime: Service {
    let database: MongoDatabase

    func run() async throws {
        // Being cancelled is the other way to be told to stop.
        try? await gracefulShutdown()
        await database.shutdown()
    }
}
