import LocalStack
import StackCommand

/// Bytes that have gone through the sockets of the broker's connections.
struct BusBytes: Sendable {
    /// To the broker, and from it.
    var received: Int64 = 0
    var sent: Int64 = 0

    /// Asks the connections themselves: a broker that collects statistics would cost more than one that people run.
    static func read(_ bench: BenchStack) async throws -> BusBytes {
        let text = try await bench.stack.broker.control([
            "list_connections", "recv_oct", "send_oct", "--no-table-headers",
        ])
        return text.split(separator: "\n").reduce(into: BusBytes()) { sum, line in
            let numbers = line.split(separator: "\t").compactMap { Int64($0) }
            guard numbers.count == 2 else { return }
            sum.received += numbers[0]
            sum.sent += numbers[1]
        }
    }
}
