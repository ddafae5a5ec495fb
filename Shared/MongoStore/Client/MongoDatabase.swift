public import Logging

/// One database of a replica set, with its own threads and connections.
///
/// Safe to use from any task. Every operation runs as a whole on one of the module's own threads, so nothing of the
/// driver crosses a suspension and no cooperative thread is blocked.
///
/// A cancelled task takes back an operation that has not started. A read that runs is abandoned: its task goes on with
/// ``MongoError/Code/cancelled``. A write that runs is waited for, because its outcome matters.
public final class MongoDatabase: Sendable {
    /// The configured database's name.
    public let name: String
    private let clients: ClientPool
    private let admissionTimeout: Duration

    /// Sets up threads and connections; nothing is sent yet.
    /// - Throws: ``MongoError/Code/refused`` if the configuration is invalid.
    public init(configuration: MongoConfiguration, logger: Logger) throws(MongoError) {
        name = configuration.database
        admissionTimeout = configuration.admissionTimeout
        clients = try ClientPool(configuration: configuration, logger: logger)
    }

    deinit { clients.close() }

    /// How many operations wait for a thread at the moment.
    public var waitingOperations: Int { clients.queue.depth }

    /// How many operations have a thread at the moment, including abandoned reads that have not ended.
    public var runningOperations: Int { clients.queue.running }

    /// A collection, whether or not it exists yet.
    public func collection(_ name: String) -> MongoCollection {
        MongoCollection(name: name, database: self)
    }

    /// Returns if a primary responds that a majority of members follows.
    ///
    /// It makes a linearizable read, for which the primary must reach a majority. Needs the right to read.
    /// - Throws: ``MongoError/Code/unavailable`` also if the time is over.
    public func ping(timeout: Duration = .seconds(2)) async throws(MongoError) {
        let result = await withTaskGroup(of: Result<Void, MongoError>?.self) { group in
            group.addTask {
                do throws(MongoError) {
                    _ = try await self.collection("readiness").findOne(
                        BSONDocument { $0.append("_id", 0) }, readConcern: .linearizable, maxTime: timeout)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                guard (try? await Task.sleep(for: timeout)) != nil else { return nil }
                return .failure(MongoError(.unavailable, message: "the database did not respond in time"))
            }
            defer { group.cancelAll() }
            while let result = await group.next() {
                if let result { return result }
            }
            return .failure(MongoError(.cancelled, message: "the task was cancelled"))
        }
        try result.get()
    }

    /// Runs a command on the primary and returns the server's reply. It counts as a write: a lost connection is an
    /// unknown outcome.
    /// - Parameter database: the database to run it on; nil for the configured one.
    @discardableResult
    public func runCommand(_ command: BSONDocument, database: String? = nil) async throws(MongoError) -> BSONDocument {
        try await write { client throws(MongoError) in try client.write(command, database: database) }
    }

    /// Deletes the database.
    public func drop() async throws(MongoError) {
        try await runCommand(
            BSONDocument {
                $0.append("dropDatabase", Int32(1))
                $0.append("writeConcern", WriteConcern.majorityJournaled.bson)
            })
    }

    /// Refuses new operations, fails those that wait, lets the running ones end and closes all connections. Returns
    /// when nothing runs any more. Further calls wait for the same end.
    public func shutdown() async {
        clients.close()
        await clients.ended()
    }

    /// Runs a read on one of the module's threads.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (MongoClient) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        try await run(isAbandonable: true, body)
    }

    /// Runs a write on one of the module's threads.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (MongoClient) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        try await run(isAbandonable: false, body)
    }

    private func run<Value: Sendable>(
        isAbandonable: Bool, _ body: @escaping @Sendable (MongoClient) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        let operation = AwaitedWorkItem(
            deadline: .now + admissionTimeout, isAbandonable: isAbandonable, body)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                operation.await(continuation)
                clients.queue.submit(operation)
            }
        } onCancel: {
            clients.queue.cancel(operation)
        }
        return try result.get()
    }
}
