import Foundation
import LocalStack
import SetupCommand

/// Lays out the services' processes: program, settings and ports.
struct ServiceBuilder {
    static let virtualHost = "martlet"

    let options: Stack.Options
    let folder: StackFolder
    let secrets: SecretsFolder
    let brokerPort: Int
    let databasePort: Int

    /// Processes of a service that only uses the bus.
    func processes(_ service: ServiceAccount, count: Int) throws -> [ServiceProcess] {
        try (0..<count).map { index in
            try process(
                service, name: count == 1 ? service.name : "\(service.name)-\(index + 1)", settings: [:], address: nil)
        }
    }

    func gateways(ports: [Int]) throws -> [ServiceProcess] {
        try ports.enumerated().map { index, port in
            try process(
                .gateway, name: ports.count == 1 ? "gateway" : "gateway-\(index + 1)",
                settings: ["MARTLET_HTTP_HOST": options.host, "MARTLET_HTTP_PORT": "\(port)"],
                address: "http://\(options.host == "0.0.0.0" ? "127.0.0.1" : options.host):\(port)")
        }
    }

    private func process(
        _ service: ServiceAccount, name: String, settings: [String: String], address: String?
    ) throws -> ServiceProcess {
        let program = options.executables.appending(path: "martlet-\(service.name)")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw StackError("\(program.path) is missing: build it with `make build`")
        }
        let operationsPort = try FreePort.find()
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("MARTLET_") }
        // Not settings of services, but of what starts and builds them.
        for name in ["MONGOD", "EXECUTABLES", "WARNINGS_AS_ERRORS"] { environment["MARTLET_\(name)"] = nil }
        environment.merge(options.environment) { $1 }
        environment.merge(settings) { $1 }
        environment.merge([
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MARTLET_OPERATIONS_PORT": "\(operationsPort)",
            "MARTLET_BROKER_HOSTS": "127.0.0.1:\(brokerPort)",
            "MARTLET_BROKER_VIRTUAL_HOST": Self.virtualHost,
            "MARTLET_BROKER_PASSWORD_FILE": secrets.passwordFile(of: service, for: "broker").path,
            "MARTLET_DATABASE_HOSTS": "127.0.0.1:\(databasePort)",
            "MARTLET_DATABASE_PASSWORD_FILE": secrets.passwordFile(of: service, for: "database").path,
        ]) { $1 }
        return ServiceProcess(
            name: name, address: address, operationsPort: operationsPort,
            command: .init(
                program.path, environment: environment, signalWhenOrphaned: options.signalWhenOrphaned),
            log: folder.log(name))
    }
}
