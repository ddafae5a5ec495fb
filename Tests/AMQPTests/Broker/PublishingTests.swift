import AMQP
import TestSupport
import Testing

@Suite("Publishing to a real broker", .timeLimit(.minutes(5)))
struct PublishingTests {
    @Test func `a message arrives with all its properties`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let properties = AMQPProperties(
                contentType: "application/json", contentEncoding: "identity", type: "t", messageID: "m",
                correlationID: "c", replyTo: "r", appID: "a", persistent: true, priority: 3, timestamp: 1_700_000_000,
                expiration: .seconds(60),
                headers: [
                    "text": "väl", "number": -5, "flag": true, "double": .double(1.5), "bytes": .bytes([0, 255]),
                    "list": ["x", 2, .null], "table": .table(["inner": .table(["deep": "yes"])]), "nothing": .null,
                    "time": .timestamp(12),
                ])
            let message = AMQPMessage(properties: properties, body: Array("hello".utf8))
            try await connection.makePublisher().publish(
                AMQPPublication(exchange: "", routingKey: "q", mandatory: true, message: message))
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 5)))
            try await reader.collect(1)
            let delivery = try #require(reader.deliveries.first)
            #expect(delivery.message == message)
            #expect(delivery.exchange.isEmpty)
            #expect(delivery.routingKey == "q")
            #expect(delivery.queue == "q")
            #expect(!delivery.redelivered)
        }
    }

    /// The payload of a frame of 131,072 bytes, and everything that could go wrong around it.
    @Test(arguments: [0, 1, 131_063, 131_064, 131_065, 262_128, 393_192, 1_048_512])
    func `a body of any size arrives whole and at once`(size: Int) async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 5)))
            try await reader.subscription()
            try await connection.makePublisher().publish(.to(queue: "q", body))
            try await reader.collect(1)
            #expect(reader.deliveries.first?.message.body == body)
        }
    }

    @Test func `full frames are not held back by the socket`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            let body = [UInt8](repeating: 7, count: 131_064)
            try await publisher.publish(.to(queue: "q", body))
            let start = ContinuousClock.now
            for _ in 0..<20 { try await publisher.publish(.to(queue: "q", body)) }
            // A frame waiting for more would cost 200 ms each time.
            #expect(ContinuousClock.now - start < .seconds(3))
        }
    }

    @Test func `16 MiB arrive whole`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let body = [UInt8](repeating: 0xA5, count: 16 * 1024 * 1024)
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 5)))
            try await connection.makePublisher().publish(.to(queue: "q", body))
            try await reader.collect(1)
            #expect(reader.deliveries.first?.message.body == body)
        }
    }

    @Test func `10,000 publications in flight are all confirmed, in order`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publications = (0..<10_000).map { AMQPPublication.to(queue: "q", Array("\($0)".utf8)) }
            let outcomes = await connection.makePublisher().publish(contentsOf: publications)
            #expect(outcomes.count == 10_000)
            #expect(outcomes.allSatisfy { if case .success = $0 { true } else { false } })
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 1000)))
            try await reader.collect(10_000, acknowledging: true)
            #expect(reader.deliveries.map(\.message.body) == publications.map(\.message.body))
        }
    }

    @Test func `many tasks publish at once`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<200 {
                    group.addTask {
                        for number in 0..<10 {
                            try await publisher.publish(.to(queue: "q", Array("\(task)-\(number)".utf8)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await connection.queueStatus("q").messages == 2000)
        }
    }

    @Test func `an unroutable message is told from its routable neighbours`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publications = (0..<100).map { number in
                AMQPPublication.to(queue: number % 3 == 0 ? "nowhere" : "q", [UInt8(number)])
            }
            let outcomes = await connection.makePublisher().publish(contentsOf: publications)
            for (number, outcome) in outcomes.enumerated() {
                switch outcome {
                case .success: #expect(number % 3 != 0)
                case .failure(let error):
                    #expect(number % 3 == 0)
                    #expect(error.code == .unroutable)
                    #expect(error.replyCode == 312)
                    #expect(!error.outcomeUnknown)
                }
            }
            // Without the flag the broker drops such a message and confirms it.
            try await connection.makePublisher().publish(.to(queue: "nowhere", [1], mandatory: false))
        }
    }

    @Test func `a full queue refuses`() async throws {
        try await withConnection { connection in
            try await connection.declare([
                .queue(
                    name: "q",
                    arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            ])
            let publisher = connection.makePublisher()
            try await publisher.publish(.to(queue: "q", [1]))
            let error = await failure { try await publisher.publish(.to(queue: "q", [2])) }
            #expect(error?.code == .nacked)
            #expect(error?.outcomeUnknown == false)
        }
    }

    @Test func `a channel that the broker closes is opened again`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            let wrong = AMQPPublication(
                exchange: "no-such-exchange", routingKey: "k", message: AMQPMessage(body: [1]))
            let error = await failure { try await publisher.publish(wrong) }
            #expect(error?.code == .channelClosed)
            #expect(error?.replyCode == 404)
            try await publisher.publish(.to(queue: "q", [2]))
            guard case .open(generation: 1) = connection.state else {
                Issue.record("the connection was replaced: \(connection.state)")
                return
            }
        }
    }

    @Test func `what cannot be encoded is refused before it is sent`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            let long = String(repeating: "k", count: 256)
            var publication = AMQPPublication.to(queue: long, [1])
            var error = await failure { try await publisher.publish(publication) }
            #expect(error?.code == .invalidArgument)
            publication = .to(queue: "q", [1])
            publication.message.properties.headers["large"] = .string(String(repeating: "x", count: 200_000))
            error = await failure { try await publisher.publish(publication) }
            #expect(error?.code == .invalidArgument)
            // The next one is not disturbed.
            try await publisher.publish(.to(queue: "q", [2]))
            #expect(try await connection.queueStatus("q").messages == 1)
        }
    }

    @Test func `an unconfirmed message is sent in its place among confirmed ones`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            for number in 0..<50 { try publisher.send(.to(queue: "q", [UInt8(number)])) }
            try await publisher.publish(.to(queue: "q", [50]))
            let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 100)))
            try await reader.collect(51)
            #expect(reader.deliveries.map { $0.message.body[0] } == (0...50).map { UInt8($0) })
        }
    }

    @Test func `more than the mailbox holds is refused as busy`() async throws {
        try await withVirtualHost { access in
            var configuration = AMQPConfiguration(access)
            configuration.mailboxCapacity = 10
            try await withConnection(configuration) { connection in
                let outcomes = await connection.makePublisher().publish(
                    contentsOf: (0..<11).map { _ in .to(queue: "q", [1]) })
                #expect(
                    outcomes.allSatisfy {
                        if case .failure(let error) = $0 { error.code == .busy } else { false }
                    })
            }
        }
    }

    @Test func `a publisher that nobody holds gives its channel back`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            // More than the broker allows at a time.
            for number in 0..<2100 where number % 7 == 0 {
                try await connection.makePublisher().publish(.to(queue: "q", [1]))
            }
            #expect(try await connection.queueStatus("q").messages == 300)
        }
    }
}
