public import LocalStack

/// The one-node replica set that all tests of this process share. It starts when the first test asks for it.
///
/// Never stop or pause it; a test that does so takes a ``PrivateReplicaSet``.
public enum SharedDatabase {
    private static let shared = Once { try await PrivateReplicaSet.start(nodes: 1).replicaSet }

    /// The running replica set.
    public static func replicaSet() async throws -> ReplicaSet { try await shared.value() }
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
}

/// Runs the body with a database of its own on the ``SharedDatabase``.
public func withDatabase<Result>(_ body: (DatabaseAccess) async throws -> Result) async throws -> Result {
    try await body(try await SharedDatabase.replicaSet().administratorAccess())
}
