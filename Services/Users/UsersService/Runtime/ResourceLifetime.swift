import MongoStore
import PasswordHashing
import ServiceLifecycle

/// Closes the database's connections and ends the hasher's threads when everything that uses them has stopped.
struct ResourceLifetime: Service {
    let database: MongoDatabase
    let hasher: PasswordHasher

    func run() async throws {
        // Being cancelled is the other way to be told to stop.
        try? await gracefulShutdown()
        hasher.shutdown()
        await database.shutdown()
    }
}
