public import LocalStack
import Logging
public import MongoStore

/// The one-node replica set that all tests of this process share. It starts when the first test asks for it.
///
/// Never stop or pause it; a test that does so takes a ``PrivateReplicaSet``.
public enum SharedDatabase {
    private struct Shared {
        let replicaSet: ReplicaSet
        let administration: MongoDatabase
    }

    private static let shared = Once {
        let replicaSet = try await PrivateReplicaSet.start(nodes: 1).replicaSet
        var configuration = replicaSet.administratorAccess(database: "admin").configuration
        configuration.threads = 2
        // Every test of the process stands in line here when they all begin.
        configuration.admissionTimeout = .seconds(60)
        let administration = try MongoDatabase(configuration: configuration, logger: Logger(label: "test"))
        return Shared(replicaSet: replicaSet, administration: administration)
    }

    /// The running replica set.
    public static func replicaSet() async throws -> ReplicaSet { try await shared.value().replicaSet }

    /// The database `admin` as its administrator.
    static func administration() async throws -> MongoDatabase { try await shared.value().administration }
}

/// How a test reaches its own database.
public struct DatabaseAccess: Sendable {
    /// All members, without user and database.
    public var uri: String
    public var database: String
    public var username: String
    public var password: String
    /// The database that holds the user.
    public var authSource: String

    /// The same for MongoStore.
    public var configuration: MongoConfiguration {
        MongoConfiguration(
            uri: uri, database: database, username: username, password: password, authSource: authSource)
    }
}

/// Runs the body with a database of its own on the ``SharedDatabase``, and a user that can read and write only there.
/// Both are deleted afterwards, also when the body throws.
public func withDatabase<Result>(_ body: (DatabaseAccess) async throws -> Result) async throws -> Result {
    let replicaSet = try await SharedDatabase.replicaSet()
    let administration = try await SharedDatabase.administration()
    let name = Unique.name("test")
    let access = DatabaseAccess(
        uri: replicaSet.uri, database: name, username: name, password: RandomName.make(length: 24), authSource: name)
    _ = try await administration.runCommand(
        BSONDocument { command in
            command.append("createUser", access.username)
            command.append("pwd", access.password)
            command.array("roles") { roles in
                roles.document { role in
                    role.append("role", "readWrite")
                    role.append("db", name)
                }
            }
        }, database: name)
    func delete() async {
        // Untied from the test's task: a cancelled test cleans up too.
        await Task {
            _ = try? await administration.runCommand(
                BSONDocument { $0.append("dropUser", access.username) }, database: name)
            _ = try? await administration.runCommand(
                BSONDocument { $0.append("dropDatabase", Int32(1)) }, database: name)
        }.value
    }
    do {
        let result = try await body(access)
        await delete()
        return result
    } catch {
        await delete()
        throw error
    }
}
