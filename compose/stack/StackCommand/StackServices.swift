import LocalStack
import SetupCommand

/// The services of a stack on the loopback address.
struct StackServices {
    let options: Stack.Options
    let folder: StackFolder
    let builder: ServiceBuilder
    let brokerPort: Int
    let databasePort: Int

    /// Processes of a service that only uses the bus.
    func processes(_ service: ServiceAccount, count: Int) throws -> [ServiceProcess] {
        try (0..<count).map { index in
            try process(service, name: count == 1 ? service.name : "\(service.name)-\(index + 1)")
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
        _ service: ServiceAccount, name: String, settings: [String: String] = [:], address: String? = nil
    ) throws -> ServiceProcess {
        try builder.process(
            service,
            .init(
                name: name, operationsPort: try FreePort.find(), brokerHosts: ["127.0.0.1:\(brokerPort)"],
                databaseHosts: ["127.0.0.1:\(databasePort)"], address: address, environment: settings,
                log: folder.log(name), logRotation: options.logRotation))
    }
}
