import AMQP
import Foundation
import LocalStack
import TestSupport
import Testing

@Suite("Faults of the broker", .timeLimit(.minutes(5)))
struct FaultTests {
    /// What became of the publications of several tasks.
    private actor Ledger {
        private(set) var confirmed: Set<Int> = []
        private(set) var unknown: Set<Int> = []
        private(set) var refusals: [AMQPError.Code: Int] = [:]
        private(set) var longest: Duration = .zero

        func note(_ number: Int, _ error: AMQPError?, took: Duration) {
            longest = max(longest, took)
            if let error {
                if error.outcomeUnknown { unknown.insert(number) } else { refusals[error.code, default: 0] += 1 }
            } else {
                confirmed.insert(number)
            }
        }
    }

    private func publishing(_ publisher: AMQPPublisher, into ledger: Ledger, tasks: Int = 8) -> [Task<Void, Never>] {
        (0..<tasks).map { task in
            Task {
                var number = task
                while !Task.isCancelled {
                    let current = number
                    let start = ContinuousClock.now
                    let error = await failure {
                        try await publisher.publish(.to(queue: "q", Array("\(current)".utf8), persistent: true))
                    }
                    await ledger.note(current, error, took: ContinuousClock.now - start)
                    if error?.code == .cancelled { return }
                    number += tasks
                    if error != nil { try? await Task.sleep(for: .milliseconds(10)) }
                }
            }
        }
    }

    @Test func `a paused, a killed and a disconnecting broker lose nothing that was confirmed, and nothing hangs`()
        async throws
    {
        try await withPrivateBroker { node, access in
            var configuration = AMQPConfiguration(access)
            // Long enough for a broker that recovers its queue on a busy machine: whoever gives up sooner than it confirms
            // connects anew for ever.
            configuration.operationTimeout = .seconds(3)
            configuration.connectTimeout = .seconds(1)
            configuration.reconnectDelay = .milliseconds(20) ... .milliseconds(200)
            try await withConnection(configuration) { connection in
                let queue = AMQPDeclaration.queue(name: "q")
                try await connection.declare([queue])
                let ledger = Ledger()
                let tasks = publishing(connection.makePublisher(), into: ledger)
                try await eventually("messages are confirmed") { await ledger.confirmed.count > 100 }

                await node.pause()
                try await eventually("the broker's silence is noticed") { await ledger.unknown.count > 0 }
                try await eventually("new publications are refused") {
                    await ledger.refusals[.notConnected, default: 0] > 0
                }
                await node.resume()
                try await connection.waitUntilOpen(timeout: .seconds(20))
                var before = await ledger.confirmed.count
                try await eventually("it goes on after the pause") {
                    await ledger.confirmed.count > before + 100
                }

                await node.kill()
                try await eventually("the loss is noticed") {
                    if case .connecting(.some) = connection.state { true } else { false }
                }
                try await node.start()
                try await connection.waitUntilOpen(timeout: .seconds(20))
                before = await ledger.confirmed.count
                try await eventually("it goes on after the restart") {
                    await ledger.confirmed.count > before + 100
                }

                guard case .open(let generation) = connection.state else {
                    Issue.record("not open")
                    return
                }
                try await node.control(["close_all_connections", "--vhost", access.virtualHost, "test"])
                try await eventually("a new connection is made") {
                    if case .open(let later) = connection.state { later > generation } else { false }
                }

                for task in tasks { task.cancel() }
                for task in tasks { await task.value }
                // A publication waits for one operation at most, and for the turn of the loop.
                #expect(await ledger.longest < .seconds(6))
                var stored: Set<Int> = []
                let total = try await connection.queueStatus("q").messages
                let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 500)))
                try await reader.collect(total, acknowledging: true)
                for delivery in reader.deliveries {
                    #expect(stored.insert(Int(String(decoding: delivery.message.body, as: UTF8.self))!).inserted)
                }
                let confirmed = await ledger.confirmed
                #expect(confirmed.subtracting(stored).isEmpty)
                let unknown = await ledger.unknown
                #expect(stored.subtracting(confirmed).isSubset(of: unknown))
            }
        }
    }

    @Test func `consumers and their exclusive queues come back after a silence and a restart`() async throws {
        try await withPrivateBroker { node, access in
            var configuration = AMQPConfiguration(access)
            configuration.reconnectDelay = .milliseconds(20) ... .milliseconds(200)
            configuration.connectTimeout = .seconds(1)
            configuration.heartbeat = .seconds(1)
            try await withConnection(configuration) { connection in
                let consumer = connection.makeConsumer(
                    AMQPConsumerConfiguration(
                        queue: "mine", prefetch: 10,
                        declarations: [
                            .exchange(name: "x", kind: "direct"),
                            .queue(name: "mine", durable: false, exclusive: true, autoDelete: true),
                        ]))
                let reader = EventReader(consumer)
                try await reader.subscription()
                try await consumer.bind(["before"], exchange: "x")

                // An idle connection has nothing but its heartbeats to notice this.
                await node.pause()
                var loss = try await reader.loss()
                #expect(loss.code == .notConnected)
                await node.resume()
                #expect(try await reader.subscription() == 2)

                await node.kill()
                loss = try await reader.loss()
                #expect(loss.code == .notConnected)
                #expect(!consumer.isSubscribed)
                let error = await failure {
                    try await consumer.bind(["meanwhile"], exchange: "x")
                }
                #expect(error?.code == .notConnected)
                try await node.start()
                #expect(try await reader.subscription() == 3)

                let publisher = connection.makePublisher()
                for key in ["before", "meanwhile"] {
                    try await publisher.publish(
                        AMQPPublication(
                            exchange: "x", routingKey: key, mandatory: true, message: AMQPMessage(body: [1])))
                }
                try await reader.collect(2)
            }
        }
    }

    @Test func `a memory alarm refuses publications at once and leaves other connections alone`() async throws {
        try await withPrivateBroker { node, access in
            var configuration = AMQPConfiguration(access)
            configuration.operationTimeout = .seconds(1)
            try await withConnection(configuration) { publishing in
                try await withConnection(AMQPConfiguration(access)) { consuming in
                    try await publishing.declare([.queue(name: "q")])
                    let publisher = publishing.makePublisher()
                    for number in 0..<5 { try await publisher.publish(.to(queue: "q", [UInt8(number)])) }
                    let consumer = consuming.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 1))
                    let reader = EventReader(consumer)
                    try await reader.collect(1)

                    try await node.setMemoryAlarm(true)
                    // The broker tells a connection when it next publishes.
                    let first = await failure {
                        try await publisher.publish(.to(queue: "q", [100]))
                    }
                    #expect(first?.outcomeUnknown == true || first?.code == .blocked)
                    try await eventually("the alarm is told") {
                        if case .blocked = publishing.state { true } else { false }
                    }
                    let start = ContinuousClock.now
                    let second = await failure {
                        try await publisher.publish(.to(queue: "q", [101]))
                    }
                    #expect(second?.code == .blocked)
                    #expect(second?.outcomeUnknown == false)
                    let request = await failure {
                        _ = try await publishing.queueStatus("q")
                    }
                    #expect(request?.code == .blocked)
                    #expect(ContinuousClock.now - start < .milliseconds(500))

                    // The consumer still gets and acknowledges.
                    consumer.acknowledge(through: reader.deliveries[0])
                    try await reader.collect(5, acknowledging: true)

                    try await node.setMemoryAlarm(false)
                    try await eventually("publishing goes on") {
                        await failure {
                            try await publisher.publish(.to(queue: "q", [102]))
                        } == nil
                    }
                    guard case .open(generation: 1) = publishing.state else {
                        Issue.record("the blocked connection was replaced: \(publishing.state)")
                        return
                    }
                }
            }
        }
    }
}
