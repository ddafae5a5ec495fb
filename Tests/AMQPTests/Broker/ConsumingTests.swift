import AMQP
import TestSupport
import Testing

@Suite("Consuming from a real broker", .timeLimit(.minutes(5)))
struct ConsumingTests {
    private func publish(_ count: Int, to queue: String = "q", on connection: AMQPConnection) async throws {
        let outcomes = await connection.makePublisher().publish(
            contentsOf: (0..<count).map { .to(queue: queue, Array("\($0)".utf8)) })
        for outcome in outcomes { try outcome.get() }
    }

    private func numbers(_ deliveries: [AMQPDelivery]) -> [Int] {
        deliveries.compactMap { Int(String(decoding: $0.message.body, as: UTF8.self)) }
    }

    @Test func `no more than the prefetch is let out before acknowledgements`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            try await publish(50, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10))
            let reader = EventReader(consumer)
            try await reader.collect(10)
            #expect(try await connection.queueStatus("q").messages == 40)
            consumer.acknowledge(through: reader.deliveries[9])
            try await reader.collect(20)
            #expect(numbers(reader.deliveries) == Array(0..<20))
        }
    }

    @Test func `acknowledged messages are gone, others come back in order after subscribing again`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            try await publish(10, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 100))
            let reader = EventReader(consumer)
            try await reader.collect(10)
            for number in [0, 1, 4] { consumer.acknowledge(reader.deliveries[number]) }
            consumer.resubscribe()
            let loss = try await reader.loss()
            #expect(loss.code == .closed)
            #expect(try await reader.subscription() == 2)
            // Of the generation that is over: must have no effect.
            consumer.acknowledge(through: reader.deliveries[9])
            try await reader.collect(17)
            #expect(numbers(Array(reader.deliveries[10...])) == [2, 3, 5, 6, 7, 8, 9])
            #expect(reader.deliveries[10...].allSatisfy { $0.redelivered && $0.generation == 2 })
        }
    }

    @Test func `a subscription is renewed only when nothing would be requeued`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            try await publish(2, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 100))
            let reader = EventReader(consumer)
            try await reader.collect(2)
            consumer.acknowledge(reader.deliveries[0])
            consumer.renew()
            try await publish(1, on: connection)
            try await reader.collect(3)
            #expect(reader.deliveries.map(\.generation) == [1, 1, 1])
            consumer.acknowledge(through: reader.deliveries[2])
            // An answer on the same connection shows that the acknowledgement has left.
            _ = try await connection.queueStatus("q")
            consumer.renew()
            #expect(try await reader.loss().code == .closed)
            #expect(try await reader.subscription() == 2)
        }
    }

    @Test func `an exclusive queue that another connection holds is made under another name`() async throws {
        try await withVirtualHost { access in
            try await withConnection(AMQPConfiguration(access)) { holder in
                try await withConnection(AMQPConfiguration(access)) { connection in
                    try await holder.declare([
                        .exchange(name: "x", kind: "direct", durable: false),
                        .queue(name: "q", durable: false, exclusive: true, autoDelete: true),
                    ])
                    let consumer = connection.makeConsumer(
                        AMQPConsumerConfiguration(
                            queue: "q", prefetch: 10, exclusive: true,
                            declarations: [
                                .queue(name: "q", durable: false, exclusive: true, autoDelete: true),
                                .binding(queue: "q", exchange: "x", routingKey: "k"),
                            ], avoidsLock: true))
                    let reader = EventReader(consumer)
                    try await reader.subscription()
                    try await consumer.bind(["later"], exchange: "x")
                    let publisher = connection.makePublisher()
                    for key in ["k", "later"] {
                        try await publisher.publish(
                            AMQPPublication(
                                exchange: "x", routingKey: key, mandatory: true, message: AMQPMessage(body: [1])))
                    }
                    try await reader.collect(2)
                    #expect(try await connection.queueStatus("q.2").consumers == 1)
                }
            }
        }
    }

    @Test func `a quorum queue tells how often it delivered`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q", arguments: ["x-queue-type": "quorum"])])
            try await publish(1, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10))
            let reader = EventReader(consumer)
            for attempt in 0..<3 {
                try await reader.collect(attempt + 1)
                #expect(reader.deliveries[attempt].deliveryCount == attempt)
                consumer.reject(reader.deliveries[attempt], requeue: true)
            }
        }
    }

    @Test func `a number of deliveries that a publisher made up can be counted on from`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q", arguments: ["x-queue-type": "quorum"])])
            var publication = AMQPPublication.to(queue: "q", [1])
            publication.message.properties.headers["x-delivery-count"] = .int(.max)
            try await connection.makePublisher().publish(publication)
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10)))
            try await reader.collect(1)
            #expect(reader.deliveries[0].deliveryCount <= Int(Int32.max))
        }
    }

    @Test func `a rejected message goes to the dead-letter queue`() async throws {
        try await withConnection { connection in
            try await connection.declare([
                .queue(name: "dead"),
                .queue(
                    name: "q",
                    arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"]),
            ])
            try await publish(3, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10))
            let reader = EventReader(consumer)
            try await reader.collect(3)
            consumer.reject(reader.deliveries[1], requeue: false)
            let dead = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "dead", prefetch: 10)))
            try await dead.collect(1)
            #expect(numbers(dead.deliveries) == [1])
        }
    }

    @Test func `a consumer without acknowledgements is still bounded, and loses nothing that it was handed`()
        async throws
    {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            try await publish(500, on: connection)
            let consumer = connection.makeConsumer(
                AMQPConsumerConfiguration(queue: "q", prefetch: 20, noAck: true))
            try await eventually("the prefetch is used up") {
                try await connection.queueStatus("q").messages == 480
            }
            let reader = EventReader(consumer)
            try await reader.collect(500)
            #expect(numbers(reader.deliveries) == Array(0..<500))
        }
    }

    @Test func `a queue deleted under its consumer is declared and subscribed again`() async throws {
        try await withConnection { connection in
            let consumer = connection.makeConsumer(
                AMQPConsumerConfiguration(
                    queue: "q", prefetch: 10, declarations: [.queue(name: "q")]))
            let reader = EventReader(consumer)
            #expect(try await reader.subscription() == 1)
            #expect(consumer.isSubscribed)
            try await connection.deleteQueue("q")
            let loss = try await reader.loss()
            #expect(loss.code == .channelClosed)
            #expect(try await reader.subscription() == 2)
            try await publish(1, on: connection)
            try await reader.collect(1)
        }
    }

    @Test func `a consumer of a missing queue subscribes when the queue is there`() async throws {
        try await withConnection { connection in
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "late", prefetch: 10))
            let reader = EventReader(consumer)
            // Enough for a few refused attempts; each closes the channel and nothing else.
            try await Task.sleep(for: .milliseconds(500))
            #expect(!consumer.isSubscribed)
            try await connection.declare([.queue(name: "late")])
            #expect(try await reader.subscription() == 1)
            guard case .open(generation: 1) = connection.state else {
                Issue.record("the connection was replaced")
                return
            }
        }
    }

    @Test func `bindings take effect at once and again after a loss`() async throws {
        try await withConnection { connection in
            try await connection.declare([.exchange(name: "x", kind: "direct", durable: false)])
            let consumer = connection.makeConsumer(
                AMQPConsumerConfiguration(
                    queue: "q", prefetch: 10, declarations: [.queue(name: "q")]))
            let publisher = connection.makePublisher()
            func code(_ key: String) async -> AMQPError.Code? {
                let publication = AMQPPublication(
                    exchange: "x", routingKey: key, mandatory: true, message: AMQPMessage(body: [1]))
                return await failure { try await publisher.publish(publication) }?.code
            }
            let reader = EventReader(consumer)
            // Asked for while the subscription is still being made.
            try await consumer.bind((0..<300).map { "k\($0)" }, exchange: "x")
            #expect(await code("k0") == nil)
            #expect(await code("k299") == nil)
            try await consumer.unbind(["k0"], exchange: "x")
            #expect(await code("k0") == .unroutable)
            try await connection.deleteQueue("q")
            _ = try await reader.loss()
            try await reader.subscription()
            #expect(await code("k0") == .unroutable)
            #expect(await code("k299") == nil)
        }
    }

    @Test func `a refused binding harms neither the consumer nor later subscriptions`() async throws {
        try await withConnection { connection in
            let consumer = connection.makeConsumer(
                AMQPConsumerConfiguration(
                    queue: "q", prefetch: 10, declarations: [.queue(name: "q")]))
            let reader = EventReader(consumer)
            try await reader.subscription()
            let error = await failure {
                try await consumer.bind(["k"], exchange: "no-such-exchange")
            }
            #expect(error?.code == .channelClosed)
            #expect(error?.replyCode == 404)
            #expect(consumer.isSubscribed)
            consumer.resubscribe()
            _ = try await reader.loss()
            #expect(try await reader.subscription() == 2)
        }
    }

    @Test func `cancelling requeues deliveries and finishes the events`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            try await publish(5, on: connection)
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10))
            let reader = EventReader(consumer)
            try await reader.collect(5)
            consumer.acknowledge(reader.deliveries[0])
            await consumer.cancel()
            #expect(await reader.isFinished())
            #expect(!consumer.isSubscribed)
            let status = try await connection.queueStatus("q")
            #expect(status == AMQPQueueStatus(messages: 4, consumers: 0))
        }
    }

    @Test func `a cancelled task stops waiting for events`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 10))
            let waiting = Task {
                var count = 0
                for await _ in consumer.events { count += 1 }
                return count
            }
            try await eventually { consumer.isSubscribed }
            waiting.cancel()
            #expect(await waiting.value <= 1)
        }
    }
}
