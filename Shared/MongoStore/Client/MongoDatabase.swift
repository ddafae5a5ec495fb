public import Logging

/// One database of a replica set, with its own threads and connections.
///
/// Safe to use from any task. Every operation runs as a whole on one of the module's own threads, so nothing of the
/// driver crosses a suspension and no cooperative thread is blocked.
public final class MongoDatabase: Sendable {
    /// Sets up threads and connections; nothing is sent yet.
    /// - Throws: ``MongoError/Code/refused`` if the configuration makes no sense.
    public init(configuration: MongoConfiguration, logger: Logger) throws(MongoError) {
        fatalError("not reached yet")
    }

    /// A collection, whether or not it exists yet.
    public func collection(_ name: String) -> MongoCollection {
        MongoCollection(name: name, database: self)
    }

    /// Returns if a primary answers which a majority of members follows.
    public func ping(timeout: Duration = .seconds(2)) async throws(MongoError) {
        fatalError("not reached yet")
    }

    /// Runs a command on the primary and returns the server's answer. It counts as a write: a lost connection is an
    /// unknown outcome.
    /// - Parameter database: the database to run it on; nil for the configured one.
    public func runCommand(_ command: BSONDocument, database: String? = nil) async throws(MongoError) -> BSONDocument {
        fatalError("not reached yet")
    }

    /// Deletes the database.
    public func drop() async throws(MongoError) {
        fatalError("not reached yet")
    }

    /// Refuses new operations, fails those that wait, lets the running ones end and closes all connections. Returns
    /// when nothing runs any more. Further calls wait for the same end.
    public func shutdown() async {
        fatalError("not reached yet")
    }
}
