public import Foundation
import MongoStore

/// A private MongoDB replica set of one or more nodes, with authentication.
public actor ReplicaSet {
    /// A user and its password.
    public struct Credentials: Sendable {
        public var username: String
        public var password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    /// Where everything lies.
    public nonisolated let folder: URL
    /// The members, in the order of the configuration. Start and stop them one by one at will.
    public nonisolated let nodes: [DatabaseNode]
    /// The name of the set.
    public nonisolated let name = "martlet"
    /// A user with the role `root` in the database `admin`, made by ``start()`` unless told otherwise.
    public nonisolated let administrator: Credentials
    /// The secret that the members share.
    public nonisolated let keyFile: URL

    private let electionTimeout: Duration

    /// Lays out the folders; nothing runs yet. Folders that were used before keep their data and passwords.
    ///
    /// - Parameter keyFile: an existing file with the secret that the members share; one of the set's own if nil
    public init(
        folder: URL, nodes count: Int = 1, keyFile: URL? = nil, options: DatabaseNode.Options = .init()
    ) throws(LocalStackError) {
        try self.init(folder: folder, nodes: Array(repeating: options, count: count), keyFile: keyFile)
    }

    /// As above, with options for each node and, if wanted, the administrator's password.
    public init(
        folder: URL, nodes options: [DatabaseNode.Options], keyFile: URL? = nil, administratorPassword: String? = nil,
        electionTimeout: Duration = .seconds(2)
    ) throws(LocalStackError) {
        self.folder = folder
        self.electionTimeout = electionTimeout
        try Files.makeFolder(folder)
        if let keyFile {
            self.keyFile = keyFile
        } else {
            self.keyFile = folder.appending(path: "key")
            _ = try Files.keep(RandomName.make(length: 512), in: self.keyFile, permissions: 0o400)
        }
        let password = try Files.keep(
            administratorPassword ?? RandomName.make(length: 32), in: folder.appending(path: "administrator-password"))
        administrator = Credentials(username: "administrator", password: password)
        var nodes: [DatabaseNode] = []
        for (index, options) in options.enumerated() {
            nodes.append(
                try DatabaseNode(
                    folder: folder.appending(path: "node-\(index)"), replicaSetName: name, keyFile: self.keyFile,
                    options: options))
        }
        self.nodes = nodes
    }

    /// A connection string of all members, without a user.
    public nonisolated var uri: String {
        "mongodb://\(nodes.map(\.host).joined(separator: ","))/?replicaSet=\(name)"
    }

    /// Starts all nodes.
    public func startNodes() async throws(LocalStackError) {
        let failure: LocalStackError? = await withTaskGroup(of: LocalStackError?.self) { group in
            for node in nodes {
                group.addTask {
                    do throws(LocalStackError) { try await node.start() } catch { return error }
                    return nil
                }
            }
            var first: LocalStackError?
            for await error in group where first == nil { first = error }
            return first
        }
        if let failure { throw failure }
    }

    /// Starts all nodes, initiates the set and makes the administrator, unless that was done before; then waits for a
    /// primary.
    public func start() async throws(LocalStackError) {
        try await startNodes()
        if await nodes[0].hello()?.has("setName") != true {
            try await DatabaseNodeClient(node: nodes[0], limit: .seconds(30)).run(initiation)
        }
        let primary = try await waitForPrimary()
        let marker = folder.appending(path: "administrator-made")
        guard !FileManager.default.fileExists(atPath: marker.path) else { return }
        try await DatabaseNodeClient(node: primary, limit: .seconds(30)).run(
            BSONDocument { command in
                command.append("createUser", administrator.username)
                command.append("pwd", administrator.password)
                command.array("roles") { roles in
                    roles.document { role in
                        role.append("role", "root")
                        role.append("db", "admin")
                    }
                }
                command.document("writeConcern") { $0.append("w", "majority") }
            })
        try Files.write("", to: marker)
    }

    private var initiation: BSONDocument {
        BSONDocument { command in
            command.document("replSetInitiate") { set in
                set.append("_id", name)
                set.array("members") { members in
                    for (index, node) in nodes.enumerated() {
                        members.document { member in
                            member.append("_id", Int32(index))
                            member.append("host", node.host)
                        }
                    }
                }
                // Elections in a tenth of the usual time: what is tested is that they happen, not how long they wait.
                set.document("settings") { settings in
                    settings.append("electionTimeoutMillis", Int32(electionTimeout / .milliseconds(1)))
                    settings.append("heartbeatIntervalMillis", Int32(500))
                }
            }
        }
    }

    /// The node that takes writes now, if there is one.
    public func primary() async -> DatabaseNode? {
        for node in nodes where await node.isPrimary() { return node }
        return nil
    }

    /// Waits until there is a primary.
    @discardableResult
    public func waitForPrimary(within limit: Duration = .seconds(60)) async throws(LocalStackError) -> DatabaseNode {
        guard let node = await Deadline.poll(within: limit, { await self.primary() }) else {
            throw LocalStackError(.notReady, "the replica set had no primary within \(limit)")
        }
        return node
    }

    /// Stops all nodes in order.
    public func stop() async {
        await withTaskGroup { group in
            for node in nodes { group.addTask { await node.stop() } }
        }
    }
}
