import AMQP
import ChatContracts
public import Logging

/// Declares every durable exchange, queue and binding. Idempotent.
///
/// - Parameters:
///   - configuration: With a user who may configure everything in the virtual host.
///   - timeout: How long the broker may take to be reached.
/// - Throws: `notSent` with the broker's reason, for example if a queue exists with other properties.
public func declareTopology(
    _ configuration: BusConfiguration, timeout: Duration = .seconds(30), logger: Logger
) async throws(BusError) {
    let connection = AMQPConnection(configuration: AMQPConfiguration(configuration, use: "declare"), logger: logger)
    let failure = await withTaskGroup(of: BusError?.self) { group in
        group.addTask {
            try? await connection.run()
            return nil
        }
        defer { group.cancelAll() }
        do {
            try await connection.waitUntilOpen(timeout: timeout)
            try await connection.declare(DurableTopology.declarations)
            return BusError?.none
        } catch let error as AMQPError {
            return BusError(.notSent, "the topology could not be declared", cause: error)
        } catch {
            return BusError(.notSent, "the topology could not be declared", cause: error)
        }
    }
    if let failure { throw failure }
}

/// Queues of requests that change nothing: whatever is in them may be lost.
public let queryQueueNames: [String] = DurableTopology.queryQueueLengths.map(\.name)

/// What the broker keeps whether or not a service runs.
enum DurableTopology {
    static let declarations: [AMQPDeclaration] =
        exchanges + deadLetterQueues + commandQueues + queryQueues

    private static let exchanges: [AMQPDeclaration] = [
        Topology.commandsExchange, Topology.eventsExchange, Topology.repliesExchange, Topology.deadLettersExchange,
    ].map { .exchange(name: $0, kind: "direct") }

    private static let deadLetterQueues = [Topology.messageDeadLetters, Topology.userDeadLetters].flatMap { queue in
        declared(
            queue, in: Topology.deadLettersExchange,
            [
                "x-queue-type": "quorum", "x-max-length": 100_000, "x-overflow": "reject-publish",
                "x-queue-leader-locator": "balanced",
            ])
    }

    /// One active consumer at a time keeps a shard's batches apart in the ordinary case.
    private static let commandQueues =
        (0..<Topology.shardCount).flatMap { shard in
            commandQueue(
                Topology.messageCommands(shard: shard), deadLetters: Topology.messageDeadLetters,
                ["x-single-active-consumer": true])
        } + commandQueue(Topology.userCommands, deadLetters: Topology.userDeadLetters)

    /// Nothing in them outlives its asker's patience. They are quorum queues all the same, because a classic queue is gone
    /// for as long as its node is: nobody could read, catch up or sign in.
    private static let queryQueues = queryQueueLengths.flatMap { queryQueue($0.name, length: $0.length) }

    static let queryQueueLengths: [(name: String, length: Int64)] = [
        (Topology.messageQueries, 10_000), (Topology.userQueries, 10_000), (Topology.userSignIns, 500),
    ]

    private static func commandQueue(
        _ name: String, deadLetters: String, _ further: [String: AMQPValue] = [:]
    ) -> [AMQPDeclaration] {
        declared(
            name, in: Topology.commandsExchange,
            [
                "x-queue-type": "quorum", "x-delivery-limit": 20,
                "x-dead-letter-exchange": .string(Topology.deadLettersExchange),
                "x-dead-letter-routing-key": .string(deadLetters), "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish", "x-max-length": 10_000, "x-queue-leader-locator": "balanced",
            ].merging(further) { $1 })
    }

    private static func queryQueue(_ name: String, length: Int64) -> [AMQPDeclaration] {
        declared(
            name, in: Topology.commandsExchange,
            [
                "x-queue-type": "quorum", "x-delivery-limit": 3, "x-max-length": .int(length),
                "x-overflow": "reject-publish", "x-message-ttl": 60_000, "x-queue-leader-locator": "balanced",
            ])
    }

    /// A queue that takes what is published to the exchange with its name as the key.
    private static func declared(
        _ queue: String, in exchange: String, _ arguments: [String: AMQPValue]
    ) -> [AMQPDeclaration] {
        [
            .queue(name: queue, arguments: arguments),
            .binding(queue: queue, exchange: exchange, routingKey: queue),
        ]
    }
}
