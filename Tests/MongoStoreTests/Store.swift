import Logging
import MongoStore
import TestSupport

extension DatabaseAccess {
    /// How to reach it, with few threads.
    func configuration(threads: Int = 4, admission: Int = 512) -> MongoConfiguration {
        var configuration: MongoConfiguration = configuration
        configuration.threads = threads
        configuration.admission = admission
        return configuration
    }
}

/// A logger that shows only what should not happen in a test.
let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// Runs the body with a database of its own on the shared replica set, and closes it afterwards.
func withStore<Result>(
    threads: Int = 4, admission: Int = 512, _ body: (MongoDatabase, DatabaseAccess) async throws -> Result
) async throws -> Result {
    try await withDatabase { access in
        try await withStore(access.configuration(threads: threads, admission: admission)) { database in
            try await body(database, access)
        }
    }
}

/// Runs the body with this database, and closes it afterwards.
func withStore<Result>(
    _ configuration: MongoConfiguration, _ body: (MongoDatabase) async throws -> Result
) async throws -> Result {
    let database = try MongoDatabase(configuration: configuration, logger: quiet)
    do {
        let result = try await body(database)
        await database.shutdown()
        return result
    } catch {
        await database.shutdown()
        throw error
    }
}

/// The error that the body throws, nil if it throws none.
func failure<Value>(
    of body: () async throws(MongoError) -> Value
) async -> MongoError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// A document with an integer `_id`.
func numbered(_ id: Int, _ more: (inout BSONWriter) -> Void = { _ in }) -> BSONDocument {
    BSONDocument { writer in
        writer.append("_id", id)
        more(&writer)
    }
}

extension Collection where Element == BSONDocument {
    /// The values of `_id`.
    var identifiers: [Int] {
        get throws { try map { Int(try $0.int64("_id")) } }
    }
}
