import AMQP
import LocalStack
import TestSupport
import Testing

@Suite("One channel in trouble, others beside it", .timeLimit(.minutes(5)))
struct StuckChannelTests {
    /// What a consumer saw whose queue is well.
    private actor Witness {
        private(set) var subscriptions = 0
        private(set) var losses = 0
        private(set) var deliveries = 0

        func watch(_ consumer: AMQPConsumer) async {
            for await event in consumer.events {
                switch event {
                case .subscribed: subscriptions += 1
                case .lost: losses += 1
                case .deliveries(let more):
                    deliveries += more.count
                    if let last = more.last { consumer.acknowledge(through: last) }
                }
            }
        }
    }

    /// A queue that is well, with a witness who gets a message now and then.
    private func withWitness(
        on connection: AMQPConnection, _ body: (_ isUndisturbed: (Int) async throws -> Void) async throws -> Void
    ) async throws {
        try await connection.declare([.queue(name: "well")])
        let witness = Witness()
        let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "well", prefetch: 10))
        let watching = Task { await witness.watch(consumer) }
        defer { watching.cancel() }
        let publisher = connection.makePublisher()
        try await body { count in
            try await publisher.publish(.to(queue: "well", [1]))
            try await eventually("the other consumer gets message \(count)") { await witness.deliveries == count }
            #expect(await witness.subscriptions == 1)
            #expect(await witness.losses == 0)
            guard case .open(generation: 1) = connection.state else {
                Issue.record("the connection was replaced: \(connection.state)")
                return
            }
        }
    }

    @Test func `a quorum queue that does not answer takes nobody else's subscription, and comes back by itself`()
        async throws
    {
        try await withPrivateBroker { node, access in
            var configuration = AMQPConfiguration(access)
            configuration.operationTimeout = .seconds(1)
            configuration.reconnectDelay = .milliseconds(20) ... .milliseconds(200)
            try await withConnection(configuration) { connection in
                try await withWitness(on: connection) { isUndisturbed in
                    try await connection.declare([.queue(name: "stuck", arguments: ["x-queue-type": "quorum"])])
                    try await connection.makePublisher().publish(.to(queue: "stuck", [7], persistent: true))
                    try await isUndisturbed(1)

                    try await node.suspendLeader(of: "stuck", on: access)
                    let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "stuck", prefetch: 10))
                    // Longer than the subscription and its closing may take, several times over.
                    for message in 2...8 {
                        try await Task.sleep(for: .seconds(1))
                        try await isUndisturbed(message)
                        #expect(!consumer.isSubscribed)
                    }
                    try await node.resumeLeader(of: "stuck", on: access)
                    let reader = EventReader(consumer)
                    #expect(try await reader.subscription() == 1)
                    try await reader.collect(1)
                    consumer.acknowledge(through: reader.deliveries[0])
                    // Those given up are closed by the broker too, with their consumers.
                    try await eventually("one consumer is left, and no message") {
                        try await connection.queueStatus("stuck") == AMQPQueueStatus(messages: 0, consumers: 1)
                    }
                    try await isUndisturbed(9)
                }
            }
        }
    }

    @Test func `a channel that the broker closes under a subscription is opened and subscribed again`() async throws {
        try await withPrivateBroker { node, access in
            // Channels read both when they open.
            try await node.control([
                "eval",
                "application:set_env(rabbit, channel_tick_interval, 200), "
                    + "application:set_env(rabbit, consumer_timeout, 2000).",
            ])
            try await withConnection(AMQPConfiguration(access)) { connection in
                try await withWitness(on: connection) { isUndisturbed in
                    try await connection.declare([.queue(name: "slow")])
                    let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "slow", prefetch: 10))
                    let reader = EventReader(consumer)
                    #expect(try await reader.subscription() == 1)
                    try await connection.makePublisher().publish(.to(queue: "slow", [7]))
                    try await reader.collect(1)

                    // Not acknowledged in time.
                    let loss = try await reader.loss()
                    #expect(loss.code == .channelClosed)
                    #expect(loss.replyCode == 406)
                    #expect(try await reader.subscription() == 2)
                    try await reader.collect(2)
                    #expect(reader.deliveries[1].redelivered)
                    // Of the generation that is over, with the tag that the new one uses again: must have no effect.
                    #expect(reader.deliveries[0].deliveryTag == reader.deliveries[1].deliveryTag)
                    consumer.acknowledge(reader.deliveries[0])
                    await consumer.cancel()
                    #expect(try await connection.queueStatus("slow").messages == 1)
                    try await isUndisturbed(1)
                }
            }
        }
    }
}
