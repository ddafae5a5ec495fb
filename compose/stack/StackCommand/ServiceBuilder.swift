public import Foundation
public import LocalStack
public import SetupCommand

/// What one process of a service is told: where it runs and whom it talks to.
public struct ServicePlacement: Sendable {
    /// The service and, if there are several of it, a number: `gateway-2`.
    public var name: String
    public var location: Location
    /// Where it serves health and metrics; on the address of the location.
    public var operationsPort: Int
    /// Nodes of the broker, `host:port`.
    public var brokerHosts: [String]
    /// Members of the replica set, `host:port`.
    public var databaseHosts: [String]
    /// Where it serves people; nil for services that only use the bus.
    public var address: String?
    /// Further environment of this process.
    public var environment: [String: String]
    public var log: URL
    /// How much of the log is kept; all if nil.
    public var logRotation: LogRotation?

    public init(
        name: String, location: Location = .loopback, operationsPort: Int, brokerHosts: [String],
        databaseHosts: [String], address: String? = nil, environment: [String: String] = [:], log: URL,
        logRotation: LogRotation? = nil
    ) {
        self.name = name
        self.location = location
        self.operationsPort = operationsPort
        self.brokerHosts = brokerHosts
        self.databaseHosts = databaseHosts
        self.address = address
        self.environment = environment
        self.log = log
        self.logRotation = logRotation
    }
}

/// Lays out the services' processes: program, settings and ports.
public struct ServiceBuilder: Sendable {
    /// The virtual host at the broker.
    public static let virtualHost = "martlet"

    private let executables: URL
    private let secrets: SecretsFolder
    private let environment: [String: String]
    private let signalWhenOrphaned: ChildProcess.OrphanSignal

    /// - Parameters:
    ///   - executables: the folder of the services' executables
    ///   - environment: of all processes, beside the `MARTLET_` variables of this one
    public init(
        executables: URL, secrets: SecretsFolder, environment: [String: String],
        signalWhenOrphaned: ChildProcess.OrphanSignal
    ) {
        self.executables = executables
        self.secrets = secrets
        self.environment = environment
        self.signalWhenOrphaned = signalWhenOrphaned
    }

    /// A process of a service; it does not run yet.
    public func process(
        _ service: ServiceAccount, _ placement: ServicePlacement
    ) throws(StackError) -> ServiceProcess {
        let program = executables.appending(path: "martlet-\(service.name)")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw StackError("\(program.path) is missing: build it with `make build`")
        }
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("MARTLET_") }
        // Not settings of services, but of what starts and builds them.
        for name in ["MONGOD", "EXECUTABLES", "WARNINGS_AS_ERRORS"] { environment["MARTLET_\(name)"] = nil }
        environment.merge(self.environment) { $1 }
        environment.merge(placement.environment) { $1 }
        environment.merge([
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            // Otherwise the database driver keeps its counters in /dev/shm under the process's id, where a killed process leaves
            // them, and the next process of that id complains on its standard error.
            "MONGOC_DISABLE_SHM": "1",
            "MARTLET_OPERATIONS_HOST": placement.location.address,
            "MARTLET_OPERATIONS_PORT": "\(placement.operationsPort)",
            "MARTLET_BROKER_HOSTS": placement.brokerHosts.joined(separator: ","),
            "MARTLET_BROKER_VIRTUAL_HOST": Self.virtualHost,
            "MARTLET_BROKER_PASSWORD_FILE": secrets.passwordFile(of: service, for: "broker").path,
            "MARTLET_DATABASE_HOSTS": placement.databaseHosts.joined(separator: ","),
            "MARTLET_DATABASE_PASSWORD_FILE": secrets.passwordFile(of: service, for: "database").path,
        ]) { $1 }
        environment.merge(passwordKeys(of: service)) { $1 }
        return ServiceProcess(
            name: placement.name, address: placement.address,
            operationsAddress: "http://\(placement.location.address):\(placement.operationsPort)",
            command: .init(
                program.path, environment: environment, rotation: placement.logRotation,
                signalWhenOrphaned: signalWhenOrphaned,
                entry: placement.location.entry),
            log: placement.log)
    }

    private func passwordKeys(of service: ServiceAccount) -> [String: String] {
        switch service {
        case .gateway: ["MARTLET_PASSWORDS_PUBLIC_KEY_FILE": secrets.passwordPublicKeyFile.path]
        case .users: ["MARTLET_PASSWORDS_PRIVATE_KEYS_FILE": secrets.passwordPrivateKeysFile.path]
        default: [:]
        }
    }
}
