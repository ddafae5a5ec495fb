public import Foundation
import LocalStack
import Logging
import MessageBus
import MongoStore
import SetupCommand
import StackCommand

/// A whole Martlet on three brokers, three database members and two of each service, each with an address of its own.
///
/// It only starts inside a ``PrivateEnvironment``, with whose end everything here ends. The methods that change it are
/// meant for one caller at a time; those that look at it can be called at any time.
public actor Cluster {
    /// What can be chosen.
    public struct Options: Sendable {
        /// Keeps logs, secrets and what is not in memory. An empty one, or one that does not exist yet.
        public var folder: URL
        /// Where the services' executables are.
        public var executables: URL
        /// Further settings of all services, as environment variables.
        public var environment: [String: String] = [:]
        /// Further settings of single services.
        public var environments: [Node: [String: String]] = [:]
        /// The broker's nodes as a service is to know them, `host:port`; all three unless given.
        public var brokerHosts: [Node: [String]] = [:]
        /// The members of the replica set as a service is to know them, `host:port`; all three unless given.
        public var databaseHosts: [Node: [String]] = [:]
        /// Whether the clocks of the services can be set (see ``Cluster/setClock(_:of:)``).
        public var canSetClocks = false
        /// The sizes of the nodes' disks in bytes. They are in memory, which is taken only for what is stored. Nodes
        /// without an entry are in the folder.
        public var disks: [Node: Int] = Dictionary(
            uniqueKeysWithValues: Node.databases.map { ($0, 1 << 30) } + Node.brokers.map { ($0, 512 << 20) })
        /// How long a member of the replica set waits for a sign of the primary before it calls an election.
        public var electionTimeout: Duration = .seconds(2)

        public init(folder: URL, executables: URL) {
            self.folder = folder
            self.executables = executables
        }
    }

    public nonisolated let options: Options
    /// The networks: cuts and diversions.
    public nonisolated let network = ClusterNetwork()

    nonisolated let brokers: [Node: BrokerNode]
    nonisolated let database: ReplicaSet
    nonisolated let services: [Node: ServiceProcess]
    nonisolated let secrets: SecretsFolder
    nonisolated let clocks: ClockFiles
    private let portMappers: [PortMapper]
    private let report: @Sendable (String) -> Void
    private var clients: [String: MongoDatabase] = [:]

    /// Lays everything out; nothing runs yet.
    /// - Parameter report: gets a line for people at every step
    public init(_ options: Options, report: @escaping @Sendable (String) -> Void = { _ in }) throws(ClusterError) {
        try PrivateEnvironment.require()
        self.options = options
        self.report = report
        do {
            try FileManager.default.createDirectory(
                at: options.folder.appending(path: "logs"), withIntermediateDirectories: true)
            secrets = SecretsFolder(options.folder.appending(path: "secrets"))
            try secrets.generate()
            clocks = try ClockFiles(
                folder: options.folder.appending(path: "clocks"), executables: options.executables,
                isUsed: options.canSetClocks)
            let layout = ClusterLayout(options: options, secrets: secrets, clocks: clocks)
            let (brokers, portMappers) = try layout.brokers()
            self.brokers = brokers
            self.portMappers = portMappers
            database = try layout.database()
            services = try layout.services()
        } catch let error as ClusterError {
            throw error
        } catch {
            throw ClusterError("the cluster cannot be laid out", cause: error)
        }
    }

    /// Starts everything and returns when all of it is healthy.
    public func start(within limit: Duration = .seconds(180)) async throws(ClusterError) {
        report("making the networks")
        try await network.build()
        for (node, size) in options.disks { try await makeDisk(of: node, size: size) }
        report("starting three brokers and three database members")
        try await together(
            [
                { [database] in try await database.start() },
                {
                    // The first forms the cluster and the others join it. All at once would contend for the right to
                    // form it, and those who lose wait for many seconds.
                    try await self.start(.r1)
                    try await self.start([.r2, .r3])
                    try await self.waitForBrokers()
                },
            ], what: "the servers could not be started")
        report("setting up accounts, permissions and queues")
        try await setUp()
        report("starting the services")
        for node in Node.services { try await start(node) }
        try await together(
            services.values.map { service in { try await service.waitUntilReady(within: limit) } },
            what: "the services could not be started")
        try await waitUntilHealthy(within: limit)
    }

    /// Stops everything in order: first who takes requests, last who keeps the data.
    public func stop() async {
        try? await network.heal()
        try? await network.endDiversions()
        for client in clients.values { await client.shutdown() }
        clients = [:]
        for kind in [[Node.Kind.gateway], [.messages, .users], [.broker, .database]] {
            await withTaskGroup { group in
                for node in Node.all where kind.contains(node.kind) {
                    group.addTask {
                        await self.resume(node)
                        await self.terminate(node)
                    }
                }
            }
        }
        for mapper in portMappers { await mapper.stop() }
    }

    /// Base addresses of the gateways.
    public nonisolated var gateways: [String] { Node.gateways.map { "http://\($0.host)" } }

    /// What a node printed.
    public nonisolated func log(of node: Node) -> URL {
        switch part(node) {
        case .broker(let broker): broker.log
        case .database(let member): member.log
        case .service(let service): service.log
        case nil: options.folder
        }
    }

    /// A client of the whole replica set, with every right.
    func administratorDatabase() throws(ClusterError) -> MongoDatabase { try client(of: "admin", uri: database.uri) }

    /// A client of a service's database, with every right.
    func serviceDatabase(_ name: String) throws(ClusterError) -> MongoDatabase {
        try client(of: name, uri: database.uri)
    }

    /// A client of one member, whatever its role, which reaches it also when its network is cut off.
    func memberDatabase(_ node: Node, name: String = "admin") throws(ClusterError) -> MongoDatabase {
        guard let socket = database.nodes[node.number - 1].socket else { throw ClusterError("\(node) has no socket") }
        let host = socket.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try client(of: name, uri: "mongodb://\(host)/?directConnection=true")
    }

    private func client(of name: String, uri: String) throws(ClusterError) -> MongoDatabase {
        if let client = clients["\(name) \(uri)"] { return client }
        var logger = Logger(label: "martlet.faults")
        logger.logLevel = .critical
        var configuration = MongoConfiguration(
            uri: uri, database: name, username: SecretsFolder.administrator,
            password: database.administrator.password, authSource: "admin")
        configuration.threads = 2
        configuration.socketTimeout = .seconds(65)
        configuration.serverSelectionTimeout = .seconds(5)
        do {
            let client = try MongoDatabase(configuration: configuration, logger: logger)
            clients["\(name) \(uri)"] = client
            return client
        } catch {
            throw ClusterError("the database cannot be reached", cause: error)
        }
    }

    func setUp() async throws(ClusterError) {
        var logger = Logger(label: "martlet.setup")
        logger.logLevel = .error
        let first = Node.r1
        let setup = StackSetup(
            .init(
                broker: .init(
                    endpoints: Node.brokers.map { .init(host: $0.address, port: $0.port) },
                    managementURL: "http://\(first.address):\(brokers[first]?.managementPort ?? 0)",
                    virtualHost: ServiceBuilder.virtualHost),
                database: .init(members: Node.databases.map(\.host), replicaSet: database.name),
                secrets: secrets, patience: .seconds(60)), logger: logger)
        do { try await setup.run() } catch { throw ClusterError("the servers could not be set up", cause: error) }
    }

    func together(
        _ steps: [@Sendable () async throws -> Void], what: String
    ) async throws(ClusterError) {
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for step in steps {
                group.addTask {
                    do {
                        try await step()
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [any Error] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
        if let first = failures.first { throw first as? ClusterError ?? ClusterError(what, cause: first) }
    }
}
