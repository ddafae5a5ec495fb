import AMQP
import BrokerAdministration
import LocalStack
import ServiceLifecycle
import TestSupport
import Testing

@Suite("Connections to a real broker", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test func `a wrong password is told as such`() async throws {
        try await withVirtualHost { access in
            var configuration = AMQPConfiguration(access)
            configuration.password = "wrong"
            try await withConnection(configuration, opens: false) { connection in
                try await eventually("the failure is told") {
                    if case .connecting(let error?) = connection.state {
                        error.code == .authenticationFailed
                    } else {
                        false
                    }
                }
                let error = await failure {
                    try await connection.waitUntilOpen(timeout: .milliseconds(100))
                }
                #expect(error?.code == .timedOut)
                let publishing = await failure {
                    try await connection.makePublisher().publish(.to(queue: "q", [1]))
                }
                #expect(publishing?.code == .notConnected)
            }
        }
    }

    @Test func `a missing virtual host is told as such`() async throws {
        try await withVirtualHost { access in
            var configuration = AMQPConfiguration(access)
            configuration.virtualHost = "no-such-host"
            try await withConnection(configuration, opens: false) { connection in
                try await eventually("the failure is told") {
                    if case .connecting(let error?) = connection.state {
                        error.code == .connectionRefused
                    } else {
                        false
                    }
                }
            }
        }
    }

    @Test func `a host that cannot be reached is passed over for the next`() async throws {
        try await withVirtualHost { access in
            var configuration = AMQPConfiguration(access)
            configuration.connectTimeout = .milliseconds(500)
            // TEST-NET-1 answers nothing, the closed port refuses.
            configuration.endpoints += [
                .init(host: "192.0.2.1", port: 5672), .init(host: "127.0.0.1", port: try FreePort.find()),
            ]
            try await withConnection(configuration) { connection in
                try await connection.declare([.queue(name: "q")])
            }
        }
    }

    @Test func `an unreachable host ends neither the waiting nor the shutdown`() async throws {
        var configuration = AMQPConfiguration(
            endpoints: [.init(host: "127.0.0.1", port: try FreePort.find())], username: "u", password: "p",
            connectionName: "amqp-tests")
        configuration.reconnectDelay = .milliseconds(10) ... .milliseconds(50)
        try await withConnection(configuration, opens: false) { connection in
            let error = await failure {
                try await connection.waitUntilOpen(timeout: .milliseconds(300))
            }
            #expect(error?.code == .timedOut)
            #expect((error?.underlying as? AMQPError)?.code == .connectionRefused)
            let waiting = Task { try await connection.waitUntilOpen(timeout: .seconds(60)) }
            waiting.cancel()
            let cancelled = await #expect(throws: AMQPError.self) { try await waiting.value }
            #expect(cancelled?.code == .cancelled)
        }
    }

    @Test func `a declaration that contradicts what exists is refused, and others go on`() async throws {
        try await withConnection { connection in
            try await connection.declare([.queue(name: "q")])
            async let good: Void = connection.declare((0..<20).map { .queue(name: "g\($0)") })
            let error = await failure {
                try await connection.declare([
                    .queue(name: "a"), .queue(name: "q", autoDelete: true),
                    .queue(name: "never"),
                ])
            }
            #expect(error?.code == .channelClosed)
            #expect(error?.replyCode == 406)
            try await good
            _ = try await connection.queueStatus("a")
            _ = try await connection.queueStatus("g19")
            let missing = await failure { _ = try await connection.queueStatus("never") }
            #expect(missing?.replyCode == 404)
        }
    }

    @Test func `queues are purged and deleted`() async throws {
        try await withConnection { connection in
            try await connection.declare([
                .queue(name: "q"), .exchange(name: "a", kind: "topic", durable: false),
                .exchange(name: "b", kind: "fanout", durable: false),
                .exchangeBinding(destination: "b", source: "a", routingKey: "#"),
                .binding(queue: "q", exchange: "b", routingKey: ""), .passiveQueue(name: "q"),
            ])
            let publisher = connection.makePublisher()
            for _ in 0..<3 {
                try await publisher.publish(
                    AMQPPublication(
                        exchange: "a", routingKey: "x.y", mandatory: true, message: AMQPMessage(body: [1])))
            }
            #expect(try await connection.purgeQueue("q") == 3)
            try await publisher.publish(.to(queue: "q", [1]))
            #expect(try await connection.deleteQueue("q") == 1)
            #expect(try await connection.deleteQueue("q") == 0)
        }
    }

    @Test func `a shutdown completes what is under way`() async throws {
        try await withVirtualHost { access in
            let connection = AMQPConnection(configuration: AMQPConfiguration(access), logger: testLogger())
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: connection)], logger: testLogger()))
            let running = Task { try await group.run() }
            try await connection.waitUntilOpen(timeout: .seconds(10))
            try await connection.declare([.queue(name: "q")])
            let publisher = connection.makePublisher()
            let consumer = connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 5000))
            let reader = EventReader(consumer)
            try await publisher.publish(.to(queue: "q", [0]))
            try await reader.collect(1, acknowledging: true)

            async let outcomes = publisher.publish(contentsOf: (0..<3000).map { _ in .to(queue: "q", [1]) })
            try await reader.collect(2)
            await group.triggerGracefulShutdown()
            #expect(await outcomes.allSatisfy { if case .success = $0 { true } else { false } })
            try await running.value
            guard case .closed = connection.state else {
                Issue.record("not closed: \(connection.state)")
                return
            }
            #expect(await reader.isFinished())
            let late = await failure { try await publisher.publish(.to(queue: "q", [9])) }
            #expect(late?.code == .closed)
            // The first was acknowledged for good, all others are back.
            try await withConnection(AMQPConfiguration(access)) { second in
                let status = try await second.queueStatus("q")
                #expect(status == AMQPQueueStatus(messages: 3000, consumers: 0))
            }
        }
    }

    @Test func `an idle connection is kept alive by heartbeats on both sides`() async throws {
        try await withVirtualHost { access in
            var configuration = AMQPConfiguration(access)
            configuration.heartbeat = .seconds(1)
            try await withConnection(configuration) { connection in
                // The broker gives up after two to three silent intervals, and so does the module.
                try await Task.sleep(for: .seconds(5))
                try await connection.declare([.queue(name: "q")])
                guard case .open(generation: 1) = connection.state else {
                    Issue.record("the connection was replaced: \(connection.state)")
                    return
                }
            }
        }
    }

    @Test func `the state is told to everyone who watches`() async throws {
        try await withVirtualHost { access in
            let connection = AMQPConnection(configuration: AMQPConfiguration(access), logger: testLogger())
            let watching = Task {
                var seen: [String] = []
                for await state in connection.states() {
                    switch state {
                    case .connecting: seen.append("connecting")
                    case .open: seen.append("open")
                    case .blocked: seen.append("blocked")
                    case .closed: seen.append("closed")
                    }
                }
                return seen
            }
            let running = Task { try await connection.run() }
            try await connection.waitUntilOpen(timeout: .seconds(10))
            running.cancel()
            try await running.value
            let seen = await watching.value
            #expect(seen.last == "closed")
            let again = await #expect(throws: AMQPError.self) { try await connection.run() }
            #expect(again?.code == .invalidArgument)
        }
    }
}
