import BrokerAdministration
public import Foundation
public import LocalStack
import Logging
import MessageBus
import SetupCommand

/// A whole Martlet on this machine without containers: a private broker, a private one-node replica set, and the
/// services as processes. Everything it starts is gone when it is stopped or when this process ends.
public actor Stack {
    /// What can be chosen.
    public struct Options: Sendable {
        /// Keeps data, secrets and logs; a folder that was used before is used again.
        public var folder: URL
        /// Where the services' executables are.
        public var executables: URL
        /// How many processes of each service.
        public var gateways = 1
        public var users = 1
        public var messages = 1
        /// The first gateway's port, the others follow; free ones if nil.
        public var port: Int?
        /// The address that gateways listen on.
        public var host = "127.0.0.1"
        /// What the database's cache may take, in GiB: as little as it can, because many stacks may run side by side.
        public var databaseCacheSize = DatabaseNode.Options.smallestCacheSize
        /// How the servers end when this process dies.
        public var signalWhenOrphaned: ChildProcess.OrphanSignal = .terminate
        /// How much of each log is kept; all if nil.
        public var logRotation: LogRotation?
        /// Further settings of all services, as environment variables.
        public var environment: [String: String] = [:]

        public init(folder: URL, executables: URL) {
            self.folder = folder
            self.executables = executables
        }

        /// The cache of a database that is the only one on this machine: a quarter of the memory, in GiB. What does not
        /// fit is written out and read again while people send.
        public static var generousDatabaseCacheSize: Double {
            max(
                DatabaseNode.Options.smallestCacheSize,
                Double(ProcessInfo.processInfo.physicalMemory) / 4 / 1_073_741_824)
        }
    }

    public nonisolated let options: Options
    /// The broker.
    public nonisolated let broker: BrokerNode
    /// The database.
    public nonisolated let database: ReplicaSet
    /// The processes of each service, in the order of their numbers.
    public nonisolated let gateways: [ServiceProcess]
    public nonisolated let users: [ServiceProcess]
    public nonisolated let messages: [ServiceProcess]

    private nonisolated let folder: StackFolder
    private let portMapper: PortMapper
    private let secrets: SecretsFolder
    private let report: @Sendable (String) -> Void

    /// All service processes, in the order of their start.
    public nonisolated var services: [ServiceProcess] { users + messages + gateways }

    /// Prepares the folder and checks what would make a start impossible; nothing runs yet.
    ///
    /// - Parameter report: gets a line for people at every step
    public init(
        _ options: Options, report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StackError) {
        self.options = options
        self.report = report
        folder = try StackFolder(options.folder)
        try folder.lock()
        let ports = try Self.gatewayPorts(options)
        secrets = SecretsFolder(folder.secrets)
        do {
            try secrets.generate()
            portMapper = try PortMapper()
            let password = try secrets.brokerAdministratorPassword()
            var brokerOptions = BrokerNode.Options(
                administrator: .init(username: SecretsFolder.administrator, password: password),
                signalWhenOrphaned: options.signalWhenOrphaned)
            brokerOptions.logRotation = options.logRotation
            broker = try BrokerNode(folder: folder.broker, portMapper: portMapper, options: brokerOptions)
            var databaseOptions = DatabaseNode.Options(
                port: try folder.databasePort(), cacheSize: options.databaseCacheSize,
                signalWhenOrphaned: options.signalWhenOrphaned)
            databaseOptions.logRotation = options.logRotation
            database = try ReplicaSet(
                folder: folder.database, keyFile: secrets.databaseKey, options: databaseOptions)
            let services = StackServices(
                options: options, folder: folder,
                builder: ServiceBuilder(
                    executables: options.executables, secrets: secrets, environment: options.environment,
                    signalWhenOrphaned: options.signalWhenOrphaned),
                brokerPort: broker.port, databasePort: database.nodes[0].port)
            users = try services.processes(.users, count: options.users)
            messages = try services.processes(.messages, count: options.messages)
            gateways = try services.gateways(ports: ports)
        } catch let error as StackError {
            throw error
        } catch {
            throw StackError("\(error)")
        }
    }

    /// Starts everything, in order, and returns when every service is ready. Can be called again after ``stop()``.
    public func start() async throws(StackError) {
        report("starting RabbitMQ and MongoDB")
        try await together(
            { [broker] () async throws(StackError) in
                do { try await broker.start() } catch { throw StackError("\(error)") }
            },
            { [database] () async throws(StackError) in
                do { try await database.startNodes() } catch { throw StackError("\(error)") }
            })
        report("setting up accounts, permissions and queues")
        try await setUp()
        report("starting the services")
        try await startServices()
        try await writeStatus()
    }

    /// Starts the services that do not run, and waits until all are ready.
    public func startServices(within limit: Duration = .seconds(60)) async throws(StackError) {
        for service in services {
            do { try await service.start() } catch { throw StackError("\(error)") }
        }
        for service in services { try await service.waitUntilReady(within: limit) }
    }

    /// Stops everything in order: first who takes requests, last who keeps the data.
    public func stop() async {
        report("stopping the services")
        await stop(gateways)
        await stop(messages + users)
        report("stopping RabbitMQ and MongoDB")
        await withTaskGroup { [broker, database] group in
            group.addTask { await broker.stop() }
            group.addTask { await database.stop() }
        }
        await portMapper.stop()
        try? FileManager.default.removeItem(at: folder.status)
    }

    /// Kills everything at once.
    public func kill() async {
        for service in services { await service.kill() }
        await broker.kill()
        for node in database.nodes { await node.kill() }
        await portMapper.stop()
    }

    /// Writes where everything is and which process it is, for scripts: `stack.json` in the folder.
    func writeStatus() async throws(StackError) {
        var processes: [StackStatus.Process] = []
        for service in services {
            processes.append(
                .init(
                    name: service.name, pid: await service.pid, address: service.address,
                    operations: service.operationsAddress))
        }
        processes.append(.init(name: "broker", pid: await broker.pid, address: "amqp://127.0.0.1:\(broker.port)"))
        for node in database.nodes {
            processes.append(.init(name: "database", pid: await node.pid, address: "mongodb://127.0.0.1:\(node.port)"))
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(StackStatus(processes: processes)).write(to: folder.status, options: .atomic)
        } catch {
            throw StackError("\(folder.status.path) cannot be written: \(error.localizedDescription)")
        }
    }

    private func setUp() async throws(StackError) {
        var logger = Logger(label: "martlet.setup")
        logger.logLevel = .error
        let setup = StackSetup(
            .init(
                broker: .init(
                    endpoints: [.init(host: "127.0.0.1", port: broker.port)],
                    managementURL: "http://127.0.0.1:\(broker.managementPort)",
                    virtualHost: ServiceBuilder.virtualHost),
                database: .init(
                    members: database.nodes.map { "127.0.0.1:\($0.port)" }, replicaSet: database.name),
                secrets: secrets, patience: .seconds(60)), logger: logger)
        do { try await setup.run() } catch { throw StackError("\(error)") }
    }

    private func stop(_ services: [ServiceProcess]) async {
        await withTaskGroup { group in
            for service in services { group.addTask { await service.stop() } }
        }
    }

    private static func gatewayPorts(_ options: Options) throws(StackError) -> [Int] {
        guard let first = options.port else {
            var ports: Set<Int> = []
            while ports.count < options.gateways {
                do { ports.insert(try FreePort.find()) } catch { throw StackError("\(error)") }
            }
            return Array(ports)
        }
        let ports = (0..<options.gateways).map { first + $0 }
        for port in ports where !FreePort.isFree(port) {
            throw StackError(
                "port \(port) is taken by another program: stop that program, or choose another port with PORT=\(port + 1000)"
            )
        }
        return ports
    }
}

/// Runs two steps at the same time and throws the first failure after both have ended.
private func together(
    _ first: @Sendable () async throws(StackError) -> Void, _ second: @Sendable () async throws(StackError) -> Void
) async throws(StackError) {
    func failure(_ body: @Sendable () async throws(StackError) -> Void) async -> StackError? {
        do throws(StackError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
    async let one = failure(first)
    async let two = failure(second)
    let failures = await [one, two]
    if let error = failures.compactMap(\.self).first { throw error }
}

/// The content of `stack.json`.
struct StackStatus: Codable {
    struct Process: Codable {
        var name: String
        var pid: Int32?
        var address: String?
        var operations: String?
    }

    var processes: [Process]
}
