import AMQP
import Logging
import TestSupport
import Testing

extension AMQPConfiguration {
    init(_ access: BrokerAccess) {
        self.init(
            endpoints: [Endpoint(host: access.host, port: access.port)], virtualHost: access.virtualHost,
            username: access.username, password: access.password, connectionName: "amqp-tests")
    }
}

/// Quiet unless something is really wrong.
func testLogger() -> Logger {
    var logger = Logger(label: "amqp-tests")
    logger.logLevel = .critical
    return logger
}

/// Runs a connection beside the body and ends it afterwards.
func withConnection<Result: Sendable>(
    _ configuration: AMQPConfiguration, opens: Bool = true, _ body: (AMQPConnection) async throws -> Result
) async throws -> Result {
    let connection = AMQPConnection(configuration: configuration, logger: testLogger())
    let running = Task { try await connection.run() }
    do {
        if opens { try await connection.waitUntilOpen(timeout: .seconds(10)) }
        let result = try await body(connection)
        running.cancel()
        try await running.value
        return result
    } catch {
        running.cancel()
        _ = await running.result
        throw error
    }
}

/// Runs a connection to the shared broker in a virtual host of its own.
func withConnection<Result: Sendable>(_ body: (AMQPConnection) async throws -> Result) async throws -> Result {
    try await withVirtualHost { access in try await withConnection(AMQPConfiguration(access), body) }
}

extension AMQPPublication {
    /// To a queue through the default exchange.
    static func to(
        queue: String, _ body: [UInt8], mandatory: Bool = true, persistent: Bool = false
    ) -> AMQPPublication {
        AMQPPublication(
            exchange: "", routingKey: queue, mandatory: mandatory,
            message: AMQPMessage(properties: AMQPProperties(persistent: persistent), body: body))
    }
}

/// The error that the body throws; nil when it succeeds.
func failure(_ body: () async throws -> Void) async -> AMQPError? {
    do {
        try await body()
        return nil
    } catch let error as AMQPError {
        return error
    } catch {
        Issue.record("another error than the module's: \(error)")
        return nil
    }
}

/// Iterates a consumer's events with a limit on each wait.
final class EventReader {
    let consumer: AMQPConsumer
    private var iterator: AMQPConsumerEvents.AsyncIterator
    private(set) var deliveries: [AMQPDelivery] = []

    init(_ consumer: AMQPConsumer) {
        self.consumer = consumer
        iterator = consumer.events.makeAsyncIterator()
    }

    /// Collects until there are `count` deliveries, passing subscriptions and losses over.
    func collect(_ count: Int, within limit: Duration = .seconds(20), acknowledging: Bool = false) async throws {
        try await watched(limit) {
            while self.deliveries.count < count, let event = await self.iterator.next() {
                if case .deliveries(let more) = event {
                    self.deliveries += more
                    if acknowledging, let last = more.last { self.consumer.acknowledge(through: last) }
                }
            }
        }
        if deliveries.count < count {
            throw TooFewDeliveries(description: "\(deliveries.count) of \(count) deliveries came")
        }
    }

    /// The generation of the next subscription.
    @discardableResult
    func subscription(within limit: Duration = .seconds(20)) async throws -> Int {
        var found: Int?
        try await watched(limit) {
            while found == nil, let event = await self.iterator.next() {
                if case .subscribed(let generation) = event { found = generation }
            }
        }
        return try #require(found, "no subscription")
    }

    /// The next loss, passing deliveries over.
    func loss(within limit: Duration = .seconds(20)) async throws -> AMQPError {
        var found: AMQPError?
        try await watched(limit) {
            while found == nil, let event = await self.iterator.next() {
                if case .lost(let error) = event { found = error }
            }
        }
        return try #require(found, "no loss")
    }

    /// Whether the events are over.
    func isFinished() async -> Bool {
        while let _ = await iterator.next() {}
        return true
    }

    private func watched(_ limit: Duration, _ body: () async -> Void) async throws {
        let consumer = consumer
        let watch = Task {
            try await Task.sleep(for: limit)
            await consumer.cancel()
        }
        await body()
        watch.cancel()
    }
}

struct TooFewDeliveries: Error {
    let description: String
}
