import ArgumentParser
import MessageBus

/// Nodes of the broker as a command's option names them.
enum BrokerHosts {
    /// Reads `host:port,host:port`.
    static func endpoints(_ text: String) throws -> [BusConfiguration.Endpoint] {
        try text.split(separator: ",").map { part in
            let pieces = part.split(separator: ":")
            guard pieces.count <= 2, let host = pieces.first, let port = Int(pieces.dropFirst().first ?? "5672")
            else { throw ValidationError("--broker-hosts: \"\(part)\" is not host:port") }
            return .init(host: String(host), port: port)
        }
    }
}
