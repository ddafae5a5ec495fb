import AsyncHTTPClient
import Foundation
import LocalStack
import NIOCore
import NIOHTTP1
import SetupCommand
import StackCommand

/// Bytes that have gone through the broker's sockets, from its management API.
struct BusBytes: Sendable {
    /// To the broker, and from it.
    var received: Int64 = 0
    var sent: Int64 = 0

    /// The broker counts each connection's bytes every five seconds; so it is asked only when nothing has happened for
    /// that long.
    static let interval = Duration.seconds(6)

    static func read(_ bench: BenchStack) async throws -> BusBytes {
        struct Connection: Decodable {
            // Absent while a connection is new.
            var received: Int64?
            var sent: Int64?

            enum CodingKeys: String, CodingKey {
                case received = "recv_oct"
                case sent = "send_oct"
            }
        }
        try await Task.sleep(for: interval)
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(bench.stack.broker.managementPort)/api/connections")
        let secrets = SecretsFolder(bench.folder.appending(path: "secrets"))
        request.setBasicAuth(
            username: SecretsFolder.administrator, password: try secrets.brokerAdministratorPassword())
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        guard answer.status == .ok else { throw LoadError("the broker's management API answers \(answer.status)") }
        let body = Data(try await answer.body.collect(upTo: 16 << 20).readableBytesView)
        return try JSONDecoder().decode([Connection].self, from: body).reduce(into: BusBytes()) { sum, connection in
            sum.received += connection.received ?? 0
            sum.sent += connection.sent ?? 0
        }
    }
}
