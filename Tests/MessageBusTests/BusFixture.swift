import AMQP
import ChatContracts
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import MessageBus

/// A bus on a virtual host of its own with the durable topology.
struct BusFixture: Sendable {
    let access: BrokerAccess
    let bus: MessageBus

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func configuration(_ access: BrokerAccess, service: String = "test") -> BusConfiguration {
        BusConfiguration(
            endpoints: [.init(host: access.host, port: access.port)], virtualHost: access.virtualHost,
            username: access.username, password: access.password, service: service,
            reconnectDelay: .milliseconds(50) ... .milliseconds(500))
    }

    func server(
        of queue: String = Topology.userCommands, prefetch: Int = 64, concurrency: Int = 8
    ) -> RequestServer {
        RequestServer(
            bus: bus, queue: queue, prefetch: prefetch, concurrency: concurrency,
            deadLetterQueue: Topology.userDeadLetters, logger: Self.logger)
    }

    func client(maximumInFlight: Int = 1024) -> RequestClient {
        RequestClient(bus: bus, maximumInFlight: maximumInFlight, logger: Self.logger)
    }

    func publisher() -> BusPublisher { BusPublisher(bus: bus, logger: Self.logger) }

    /// Publishes a message as a sender with other ideas of the protocol would.
    func publish(_ body: String, type: String?, to queue: String, persistent: Bool = true) async throws {
        let properties = AMQPProperties(type: type, userID: access.username, persistent: persistent)
        try await bus.replies.publish(
            AMQPPublication(
                exchange: Topology.commandsExchange, routingKey: queue, mandatory: true,
                message: AMQPMessage(properties: properties, body: Array(body.utf8))))
    }

    func messages(in queue: String) async throws -> Int { try await bus.consuming.queueStatus(queue).messages }

    /// Takes the first `count` messages out of a queue.
    func take(_ count: Int, from queue: String) async throws -> [AMQPDelivery] {
        let consumer = bus.consuming.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: 100))
        let taken = try await within(.seconds(60)) {
            var taken: [AMQPDelivery] = []
            for await event in consumer.events {
                guard case .deliveries(let deliveries) = event else { continue }
                taken += deliveries
                for delivery in deliveries { consumer.acknowledge(delivery) }
                if taken.count >= count { break }
            }
            return taken
        }
        await consumer.cancel()
        return taken
    }
}

/// Runs the body with a bus that is open, on a broker with the durable topology.
func withBus(_ body: @Sendable (BusFixture) async throws -> Void) async throws {
    try await withVirtualHost { access in try await withBus(on: access, body) }
}

func withBus(on access: BrokerAccess, _ body: @Sendable (BusFixture) async throws -> Void) async throws {
    try await Turns.topology.take {
        // A broker that was just started may be slow with its first dozens of queues.
        var declaring = BusFixture.configuration(access)
        declaring.operationTimeout = .seconds(30)
        try await declareTopology(declaring, logger: BusFixture.logger)
    }
    let bus = MessageBus(configuration: BusFixture.configuration(access), logger: BusFixture.logger)
    let fixture = BusFixture(access: access, bus: bus)
    try await running([bus]) {
        try await bus.waitUntilReady(timeout: .seconds(10))
        try await body(fixture)
    }
}

/// Runs services beside the body and stops them after it.
func running(_ services: [any Service], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for service in services { group.addTask { try await service.run() } }
        do {
            try await body()
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        while await group.nextResult() != nil {}
    }
}

/// Collects what other tasks report.
final class Box<Value: Sendable>: Sendable {
    private let state: Mutex<[Value]>
    init(_ values: [Value] = []) { state = Mutex(values) }
    func append(_ value: Value) { state.withLock { $0.append(value) } }
    var values: [Value] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }
}

/// The error that a call ends with.
func failure(of work: () async throws(BusError) -> some Sendable) async -> BusError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error
    }
}
