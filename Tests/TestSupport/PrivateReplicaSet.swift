import Foundation
public import LocalStack

/// A replica set of a test's own, to stop, kill or pause its nodes.
public struct PrivateReplicaSet: Sendable {
    /// The running set.
    public let replicaSet: ReplicaSet
    private let folder: TemporaryFolder

    /// Starts a set in a temporary folder.
    public static func start(
        nodes: Int = 3, options: DatabaseNode.Options = .init()
    ) async throws -> PrivateReplicaSet {
        let folder = try TemporaryFolder()
        let replicaSet = try ReplicaSet(folder: folder.url.appending(path: "database"), nodes: nodes, options: options)
        try await replicaSet.start()
        return PrivateReplicaSet(replicaSet: replicaSet, folder: folder)
    }

    /// Kills the nodes and deletes their data.
    public func delete() async {
        for node in replicaSet.nodes { await node.kill() }
        folder.delete()
    }
}

/// Runs the body with a replica set of its own.
public func withPrivateReplicaSet<Result>(
    nodes: Int = 3, options: DatabaseNode.Options = .init(), _ body: (ReplicaSet) async throws -> Result
) async throws -> Result {
    let set = try await PrivateReplicaSet.start(nodes: nodes, options: options)
    do {
        let result = try await body(set.replicaSet)
        await set.delete()
        return result
    } catch {
        await set.delete()
        throw error
    }
}

extension ReplicaSet {
    /// The access of the administrator to a database of a unique name.
    public nonisolated func administratorAccess(database: String = Unique.name("test")) -> DatabaseAccess {
        DatabaseAccess(
            uri: uri, database: database, username: administrator.username, password: administrator.password,
            authSource: "admin")
    }
}
