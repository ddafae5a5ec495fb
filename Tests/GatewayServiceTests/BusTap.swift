import AMQP
import ChatContracts
import Foundation
import Logging
import Synchronization
import TestSupport

/// Sees every request that is published, beside the service that answers it.
final class BusTap: Sendable {
    private struct Call {
        var type: String
        var requestID: String
    }

    private let calls = Mutex<[Call]>([])

    /// The types of the requests that were made for one request of a browser.
    func types(for requestID: String) -> [String] {
        calls.withLock { $0.filter { $0.requestID == requestID }.map(\.type) }
    }

    /// Runs the body with a queue of its own that gets a copy of all commands and queries.
    static func run(on broker: BrokerAccess, _ body: @Sendable (BusTap) async throws -> Void) async throws {
        var logger = Logger(label: "bus-tap")
        logger.logLevel = .critical
        let connection = AMQPConnection(
            configuration: AMQPConfiguration(
                endpoints: [.init(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost,
                username: broker.username, password: broker.password, connectionName: "bus-tap"), logger: logger)
        let tap = BusTap()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await connection.run() }
            defer { group.cancelAll() }
            try await connection.waitUntilOpen(timeout: .seconds(20))
            let queue = Unique.name("tap")
            let keys =
                (0..<Topology.shardCount).map { Topology.messageCommands(shard: $0) }
                + [Topology.messageQueries, Topology.userQueries, Topology.userCommands, Topology.userSignIns]
            try await connection.declare(
                [.queue(name: queue)]
                    + keys.map { .binding(queue: queue, exchange: Topology.commandsExchange, routingKey: $0) })
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: 1_000))
            group.addTask {
                for await event in consumer.events {
                    guard case .deliveries(let deliveries) = event else { continue }
                    for delivery in deliveries {
                        let properties = delivery.message.properties
                        let call = Call(
                            type: properties.type ?? "",
                            requestID: properties.headers["request-id"]?.stringValue ?? "")
                        tap.calls.withLock { $0.append(call) }
                        consumer.acknowledge(delivery)
                    }
                }
            }
            try await body(tap)
        }
    }
}
