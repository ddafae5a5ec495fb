import BrokerAdministration
import Foundation
import LocalStack
import SetupCommand
import StackCommand

/// Where the parts of a cluster are and how they are set.
struct ClusterLayout {
    /// The sockets of the database members; short, because the names of sockets are.
    static let sockets = URL(filePath: "/run/cluster")

    let options: Cluster.Options
    let secrets: SecretsFolder
    let clocks: ClockFiles

    func folder(of node: Node) -> URL { options.folder.appending(path: node.name) }
    /// Where the node's data is if it has a disk of its own.
    static func disk(of node: Node) -> URL { URL(filePath: "/run/cluster/\(node.name)") }

    func brokers() throws -> ([Node: BrokerNode], [PortMapper]) {
        var brokers: [Node: BrokerNode] = [:]
        var mappers: [PortMapper] = []
        let cookie = RandomName.make(length: 32)
        let members = Node.brokers.map(brokerName)
        for node in Node.brokers {
            let location = ClusterNetwork.location(of: node)
            let mapper = try PortMapper(location: location, port: 4_369)
            var settings = BrokerNode.Options(
                port: node.port, managementPort: 15_672,
                administrator: .init(
                    username: SecretsFolder.administrator, password: try secrets.brokerAdministratorPassword()),
                configuration: [
                    "cluster_partition_handling = pause_minority",
                    // The first to start finds nobody, and need not look again.
                    "cluster_formation.discovery_retry_limit = 2",
                    "raft.wal_max_size_bytes = 16000000",
                    // Rates are not used, lengths are; a stale length would make waiting for an empty queue slow.
                    "management.rates_mode = none",
                    "collect_statistics_interval = 2000",
                    "prometheus.tcp.ip = \(node.address)",
                    "prometheus.tcp.port = 15692",
                ],
                schedulers: 1)
            settings.location = location
            settings.membership = .init(name: brokerName(node), members: members, cookie: cookie)
            settings.memoryLimit = 400 << 20
            settings.collectsStatistics = true
            settings.plugins = ["rabbitmq_prometheus"]
            settings.distributionPort = 25_672
            // How fast a dead or cut-off node is noticed: net_ticktime 60 s and aten 5 s are made for large networks.
            settings.advancedConfiguration = """
                [{kernel, [{net_ticktime, 15}]},
                 {aten, [{poll_interval, 1000}]},
                 {rabbit, [{quorum_tick_interval, 2000}]}].\n
                """
            if options.disks[node] != nil { settings.dataFolder = Self.disk(of: node) }
            brokers[node] = try BrokerNode(folder: folder(of: node), portMapper: mapper, options: settings)
            mappers.append(mapper)
        }
        return (brokers, mappers)
    }

    func database() throws -> ReplicaSet {
        let members = Node.databases.map { node in
            var settings = DatabaseNode.Options(
                port: node.port,
                arguments: ["--oplogSize", "256", "--setParameter", "mirrorReads={samplingRate: 0.0}"])
            settings.location = ClusterNetwork.location(of: node)
            settings.socketFolder = Self.sockets.appending(path: "\(node.name).socket")
            if options.disks[node] != nil { settings.dataFolder = Self.disk(of: node).appending(path: "data") }
            return settings
        }
        return try ReplicaSet(
            folder: options.folder.appending(path: "database"), nodes: members, keyFile: secrets.databaseKey,
            administratorPassword: try secrets.databaseAdministratorPassword(),
            electionTimeout: options.electionTimeout)
    }

    func services() throws -> [Node: ServiceProcess] {
        let builder = ServiceBuilder(
            executables: options.executables, secrets: secrets, environment: options.environment,
            signalWhenOrphaned: .kill)
        var services: [Node: ServiceProcess] = [:]
        for node in Node.services {
            var environment = clocks.environment(of: node)
            environment.merge(options.environments[node] ?? [:]) { $1 }
            let account: ServiceAccount
            var address: String?
            switch node.kind {
            case .gateway:
                account = .gateway
                address = "http://\(node.host)"
                environment["MARTLET_HTTP_HOST"] = node.address
                environment["MARTLET_HTTP_PORT"] = "\(node.port)"
            case .users: account = .users
            default: account = .messages
            }
            services[node] = try builder.process(
                account,
                .init(
                    name: node.name, location: ClusterNetwork.location(of: node), operationsPort: Node.operationsPort,
                    brokerHosts: options.brokerHosts[node] ?? Node.brokers.map(\.host),
                    databaseHosts: options.databaseHosts[node] ?? Node.databases.map(\.host), address: address,
                    environment: environment, log: options.folder.appending(path: "logs/\(node.name).log")))
        }
        return services
    }

    private func brokerName(_ node: Node) -> String { "rabbit@\(node.address)" }
}
