public import Foundation

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
        let members: [DocumentValue] = nodes.enumerated().map { index, node in
            .document([("_id", .int32(Int32(index))), ("host", .string(node.host))])
        }
        let hello = try await DatabaseWire.run([("hello", .int32(1))], at: nodes[0].local)
        if hello["setName"] == nil {
            let timeout = electionTimeout.components
            // Elections in a tenth of the usual time: what is tested is that they happen, not how long they wait.
            let settings: [(String, DocumentValue)] = [
                (
                    "electionTimeoutMillis",
                    .int32(Int32(timeout.seconds * 1000 + timeout.attoseconds / 1_000_000_000_000_000))
                ), ("heartbeatIntervalMillis", .int32(500)),
            ]
            _ = try await DatabaseWire.run(
                [
                    (
                        "replSetInitiate",
                        .document([
                            ("_id", .string(name)), ("members", .array(members)), ("settings", .document(settings)),
                        ])
                    )
                ], at: nodes[0].local, within: .seconds(30))
        }
        let primary = try await waitForPrimary()
        let marker = folder.appending(path: "administrator-made")
        guard !FileManager.default.fileExists(atPath: marker.path) else { return }
        _ = try await DatabaseWire.run(
            [
                ("createUser", .string(administrator.username)), ("pwd", .string(administrator.password)),
                ("roles", .array([.document([("role", .string("root")), ("db", .string("admin"))])])),
                ("writeConcern", .document([("w", .string("majority"))])),
            ], at: primary.local, within: .seconds(30))
        try Files.write("", to: marker)
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
