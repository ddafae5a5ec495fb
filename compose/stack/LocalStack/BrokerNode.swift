public import BrokerAdministration
import BrokerFiles
public import Foundation

/// A private RabbitMQ node: its data, logs and ports are its own, and it listens on one address only, the loopback unless
/// told otherwise.
///
/// It can be stopped, killed, paused and started again; it keeps its ports and its data.
public actor BrokerNode {
    /// What can be chosen.
    public struct Options: Sendable {
        /// Where it runs.
        public var location: Location = .loopback
        /// What makes it a member of a cluster; alone if nil.
        public var membership: Membership?
        /// Where the data is; in the node's folder if nil.
        public var dataFolder: URL?
        /// Memory in bytes above which publishers are blocked; the server's own part of the machine's if nil.
        public var memoryLimit: Int?
        /// The port for other brokers; a free one if nil.
        public var distributionPort: Int?
        /// Whether the management API knows the lengths of queues and the like.
        public var collectsStatistics = false
        /// Plugins beside the management API.
        public var plugins: [String] = []
        /// The content of `advanced.config`, an Erlang term; none if nil.
        public var advancedConfiguration: String?
        /// AMQP port; a free one if nil.
        public var port: Int?
        /// Management port; a free one if nil.
        public var managementPort: Int?
        /// The administrator; one with a random password, kept in the folder, if nil.
        public var administrator: BrokerCredentials?
        /// Certificates for a TLS listener beside the plain one.
        public var tls: TLSFiles?
        /// Further lines of `rabbitmq.conf`, such as `vm_memory_high_watermark.absolute = 100MB`.
        public var configuration: [String]
        /// How it ends when this process dies.
        public var signalWhenOrphaned: ChildProcess.OrphanSignal
        /// How much of its log is kept; all if nil.
        public var logRotation: LogRotation?
        /// How long a start may take.
        public var startLimit: Duration
        /// Schedulers of the Erlang machine.
        public var schedulers: Int

        public init(
            port: Int? = nil, managementPort: Int? = nil, administrator: BrokerCredentials? = nil,
            tls: TLSFiles? = nil, configuration: [String] = [],
            signalWhenOrphaned: ChildProcess.OrphanSignal = .kill, startLimit: Duration = .seconds(120),
            schedulers: Int = 2
        ) {
            self.port = port
            self.managementPort = managementPort
            self.administrator = administrator
            self.tls = tls
            self.configuration = configuration
            self.signalWhenOrphaned = signalWhenOrphaned
            self.startLimit = startLimit
            self.schedulers = schedulers
        }
    }

    /// A place in a cluster that forms itself when its members are started for the first time.
    public struct Membership: Sendable {
        /// This node's name, such as `rabbit@10.0.0.1`: a long name, because its host has dots.
        public var name: String
        /// The names of all members, this one included.
        public var members: [String]
        /// The secret that the members share.
        public var cookie: String

        public init(name: String, members: [String], cookie: String) {
            self.name = name
            self.members = members
            self.cookie = cookie
        }
    }

    /// PEM files of a TLS listener. Clients must show a certificate of the same authority if `verifiesClients`.
    public struct TLSFiles: Sendable {
        public var authority: String
        public var certificate: String
        public var key: String
        public var verifiesClients: Bool

        public init(authority: String, certificate: String, key: String, verifiesClients: Bool = false) {
            self.authority = authority
            self.certificate = certificate
            self.key = key
            self.verifiesClients = verifiesClients
        }
    }

    /// Where everything of this node lies.
    public nonisolated let folder: URL
    /// AMQP port.
    public nonisolated let port: Int
    /// AMQP over TLS; nil without ``Options/tls``.
    public nonisolated let tlsPort: Int?
    /// Management HTTP port.
    public nonisolated let managementPort: Int
    /// An administrator with a random password.
    public nonisolated let administrator: BrokerCredentials
    /// What the node printed.
    public nonisolated let log: URL

    /// The Erlang node's name.
    public nonisolated let nodeName: String
    private let distributionPort: Int
    private nonisolated let options: Options
    private let portMapper: PortMapper
    private var process: ChildProcess?

    /// Lays out the folder; nothing runs yet. A folder that was used before keeps its data and its passwords.
    public init(folder: URL, portMapper: PortMapper, options: Options = Options()) throws(LocalStackError) {
        self.folder = folder
        self.options = options
        self.portMapper = portMapper
        port = if let port = options.port { port } else { try FreePort.find() }
        managementPort = if let port = options.managementPort { port } else { try FreePort.find() }
        tlsPort = if options.tls == nil { nil } else { try FreePort.find() }
        distributionPort = if let port = options.distributionPort { port } else { try FreePort.find() }
        log = folder.appending(path: "broker.log")

        for name in ["home", "data", "log"] { try Files.makeFolder(folder.appending(path: name)) }
        // The data folder carries the node's name, so the name is kept with it.
        nodeName = try Files.keep(
            options.membership?.name ?? "martlet-\(RandomName.make())@localhost",
            in: folder.appending(path: "node-name"))
        if let administrator = options.administrator {
            self.administrator = administrator
        } else {
            let file = folder.appending(path: "administrator-password")
            administrator = BrokerCredentials(
                username: "administrator", password: try Files.keep(RandomName.make(length: 32), in: file))
        }
        _ = try Files.keep(
            options.membership?.cookie ?? RandomName.make(length: 32),
            in: folder.appending(path: "home/.erlang.cookie"), permissions: 0o400)
        let plugins = ["rabbitmq_management"] + options.plugins
        try Files.write("[\(plugins.joined(separator: ","))].\n", to: folder.appending(path: "enabled_plugins"))
        if let advanced = options.advancedConfiguration {
            try Files.write(advanced, to: folder.appending(path: "advanced.config"))
        }
        if options.membership != nil {
            try Files.write(BrokerFiles.rejoin, to: folder.appending(path: "rejoin.erl"))
        }
        try Files.write(
            Self.configuration(
                options: options, managementPort: managementPort, tlsPort: tlsPort, administrator: administrator),
            to: folder.appending(path: "rabbitmq.conf"))
    }

    /// The management API, as the administrator.
    public nonisolated var administration: BrokerAdministration {
        BrokerAdministration(url: "http://\(options.location.address):\(managementPort)", credentials: administrator)
    }

    /// The process id while it runs.
    public var pid: Int32? { process.flatMap { $0.isRunning ? $0.pid : nil } }
    /// Whether the process runs (also when paused).
    public var isRunning: Bool { process?.isRunning ?? false }

    /// Starts the node and waits until it takes AMQP connections and management requests. No effect if it runs.
    public func start() async throws(LocalStackError) {
        if isRunning { return }
        try await portMapper.start()
        let logged = Files.size(of: log)
        let started = try await ChildProcess.start(
            .init(
                try Programs.rabbitMQServer(), environment: environment, folder: folder, log: log,
                rotation: options.logRotation,
                signalWhenOrphaned: options.signalWhenOrphaned, entry: options.location.entry))
        process = started
        let (administration, location, port, log) = (administration, options.location, port, log)
        let isMember = options.membership != nil
        let isReady = await Deadline.poll(within: options.startLimit, every: .milliseconds(100)) {
            if !started.isRunning { return false }
            // The listeners come last in the node's start, so an answer and an open port mean that it is complete.
            guard await location.isListening(port) else { return nil }
            // In a cluster a node answers shortly before it takes part in everything: a virtual host that is made in
            // between is never whole.
            if isMember, !Files.text(of: log, from: logged).contains("Server startup complete") { return nil }
            return await administration.isReady() ? true : nil
        }
        guard isReady == true else {
            let ending = started.ending
            await started.kill()
            process = nil
            throw LocalStackError(
                ending == nil ? .notReady : .start,
                """
                RabbitMQ \(ending.map { "ended with \($0) while starting" } ?? "was not ready within \(options.startLimit)"); \
                the end of \(log.path):
                \(Files.tail(of: log))
                """)
        }
    }

    /// Waits until the process that runs now has ended, or the task is cancelled; nil in that case or if none runs.
    public func waitForEnd() async -> ChildProcess.Ending? { await process?.waitForEnd() }

    /// Stops the node in order, or kills it after the limit.
    public func stop(within limit: Duration = .seconds(20)) async {
        await process?.stop(within: limit)
        process = nil
    }

    /// Kills it with SIGKILL, as a crash of the machine would.
    public func kill() async {
        await process?.kill()
        process = nil
    }

    /// Stops and starts it, on the same ports, with the same data.
    public func restart() async throws(LocalStackError) {
        await stop()
        try await start()
    }

    /// Freezes it (SIGSTOP): connections stay open and nothing answers.
    public func pause() { process?.pause() }
    /// Lets it go on after ``pause()``.
    public func resume() { process?.resume() }

    /// Raises the memory alarm, which blocks publishing connections, or clears it. Takes one to three seconds.
    public func setMemoryAlarm(_ isOn: Bool) async throws(LocalStackError) {
        let usual = options.memoryLimit.map { ["absolute", "\($0)"] } ?? ["0.6"]
        try await control(["set_vm_memory_high_watermark"] + (isOn ? ["0.000001"] : usual))
    }

    /// Runs `rabbitmqctl`, which takes a second or two.
    /// - Returns: what it printed.
    @discardableResult
    public func control(_ arguments: [String]) async throws(LocalStackError) -> String {
        let output = folder.appending(path: "log/control-\(RandomName.make()).log")
        defer { try? FileManager.default.removeItem(at: output) }
        let child = try await ChildProcess.start(
            .init(
                try Programs.rabbitMQControl(),
                ["-q", "-n", nodeName] + (options.membership == nil ? [] : ["--longnames"]) + arguments,
                environment: environment, folder: folder, log: output, entry: options.location.entry))
        let ending = await child.waitForEnd()
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        guard ending == .exited(0) else {
            await child.kill()
            throw LocalStackError(.refused, "rabbitmqctl \(arguments.joined(separator: " ")) failed: \(text)")
        }
        return text
    }

    private var environment: [String: String] {
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let address = options.location.address
        var environment = [
            "PATH": "/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": path("home"),
            "ERL_EPMD_PORT": "\(portMapper.port)",
            "ERL_EPMD_ADDRESS": address,
            "RABBITMQ_NODENAME": nodeName,
            "RABBITMQ_NODE_IP_ADDRESS": address,
            "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(distributionPort)",
            "RABBITMQ_MNESIA_BASE": options.dataFolder?.path ?? path("data"),
            "RABBITMQ_LOG_BASE": path("log"),
            "RABBITMQ_PID_FILE": path("pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": path("enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": path("rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": path("advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            // Makes the script replace itself with the Erlang machine, so that the child's pid is the broker's.
            "RUNNING_UNDER_SYSTEMD": "true",
            // Schedulers that sleep when idle: several private nodes share a small machine with what they serve.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S \(options.schedulers):\(options.schedulers) +sbwt none +sbwtdcpu none +sbwtdio none "
                + "-start_epmd false -kernel inet_dist_use_interface \(options.location.erlangTerm)",
        ]
        if options.membership != nil {
            environment["RABBITMQ_USE_LONGNAME"] = "true"
            environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]? += " -eval file:eval(\"\(path("rejoin.erl"))\")"
        }
        return environment
    }

    private static func configuration(
        options: Options, managementPort: Int, tlsPort: Int?, administrator: BrokerCredentials
    ) -> String {
        var lines = [
            "default_user = \(administrator.username)",
            "default_pass = \(administrator.password)",
            "management.tcp.ip = \(options.location.address)",
            "management.tcp.port = \(managementPort)",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            "disk_free_limit.absolute = 50MB",
            "raft.wal_max_size_bytes = 32000000",
        ]
        if !options.collectsStatistics {
            // The management plugin is here for its API; counting rates would cost more than the broker's own work.
            lines += ["management_agent.disable_metrics_collector = true", "collect_statistics = none"]
        }
        if let membership = options.membership {
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            for (index, member) in membership.members.enumerated() {
                lines.append("cluster_formation.classic_config.nodes.\(index + 1) = \(member)")
            }
        }
        if let limit = options.memoryLimit { lines.append("vm_memory_high_watermark.absolute = \(limit)") }
        if let tls = options.tls, let tlsPort {
            lines += [
                "listeners.ssl.1 = \(options.location.address):\(tlsPort)",
                "ssl_options.cacertfile = \(tls.authority)",
                "ssl_options.certfile = \(tls.certificate)",
                "ssl_options.keyfile = \(tls.key)",
                "ssl_options.verify = \(tls.verifiesClients ? "verify_peer" : "verify_none")",
                "ssl_options.fail_if_no_peer_cert = \(tls.verifiesClients)",
            ]
        }
        return (lines + options.configuration).joined(separator: "\n") + "\n"
    }
}
