import Foundation
import Logging
import MongoStore

/// A connection to one member of a replica set alone, whatever its role, and without a user.
///
/// To the server it comes from its own machine, so MongoDB lets it initiate the set and make the first user.
struct DatabaseNodeClient: Sendable {
    private let host: String
    private let database: MongoDatabase

    /// - Parameter limit: how long a command may take
    init(node: DatabaseNode, limit: Duration) throws(LocalStackError) {
        host = node.host
        let address = node.socket?.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? host
        var configuration = MongoConfiguration(uri: "mongodb://\(address)/?directConnection=true", database: "admin")
        configuration.threads = 1
        configuration.connectTimeout = .seconds(2)
        configuration.serverSelectionTimeout = .seconds(2)
        configuration.socketTimeout = limit
        do {
            database = try MongoDatabase(
                configuration: configuration, logger: Logger(label: "local-stack") { _ in SwiftLogNoOpLogHandler() })
        } catch {
            throw LocalStackError(.notReady, "mongod at \(host) has no valid address", cause: error)
        }
    }

    /// - Throws: `.refused` when the server refuses the command; `.notReady` when it does not answer in time.
    @discardableResult
    func run(_ command: BSONDocument) async throws(LocalStackError) -> BSONDocument {
        do {
            return try await database.runCommand(command)
        } catch {
            throw LocalStackError(
                error.serverCode == nil ? .notReady : .refused, "mongod at \(host) did not carry out a command",
                cause: error)
        }
    }
}
