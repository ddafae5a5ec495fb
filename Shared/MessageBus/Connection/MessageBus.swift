import AMQP
public import Logging
public import ServiceLifecycle

/// A process's two connections to the broker: one to publish, one to consume, so that a broker which blocks publishers
/// does not stop deliveries.
///
/// Run it for as long as anything uses it: in a `ServiceGroup` it comes before the services that are made from it.
/// Lost connections come back by themselves, and with them every subscription.
public final class MessageBus: Service, Sendable {
    public let configuration: BusConfiguration
    let publishing: AMQPConnection
    let consuming: AMQPConnection
    /// For the replies of servers.
    let replies: AMQPPublisher
    /// Dead letters, and their replays, go to quorum queues.
    let deadLetters: QueuePublisher
    let metrics = BusMetrics.shared

    public init(configuration: BusConfiguration, logger: Logger) {
        self.configuration = configuration
        publishing = AMQPConnection(configuration: AMQPConfiguration(configuration, use: "publish"), logger: logger)
        consuming = AMQPConnection(configuration: AMQPConfiguration(configuration, use: "consume"), logger: logger)
        replies = publishing.makePublisher()
        deadLetters = QueuePublisher(connection: publishing)
    }

    /// Keeps both connections until the task is cancelled or a graceful shutdown ends.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.publishing.run() }
            group.addTask { try await self.consuming.run() }
            try await group.waitForAll()
        }
    }

    /// Whether requests and events can be published and consumed right now.
    public var isReady: Bool { checkReady() == nil }

    /// Why the bus is of no use right now; nil if it is. Never waits.
    public func checkReady() -> String? {
        switch publishing.state {
        case .open: break
        case .blocked(_, let reason): return "the broker takes no publications: \(reason)"
        case .connecting(let error): return Self.describe("publish", error)
        case .closed: return "the connection to publish is closed"
        }
        switch consuming.state {
        case .open, .blocked: return nil
        case .connecting(let error): return Self.describe("consume", error)
        case .closed: return "the connection to consume is closed"
        }
    }

    private static func describe(_ use: String, _ error: AMQPError?) -> String {
        let reason = error.map { ": \($0)" } ?? ""
        return "there is no connection to \(use)\(reason)"
    }

    /// Waits until both connections are open.
    ///
    /// - Throws: `notSent` when the time is over.
    public func waitUntilReady(timeout: Duration) async throws(BusError) {
        let deadline = ContinuousClock.now + timeout
        do {
            try await publishing.waitUntilOpen(timeout: timeout)
            try await consuming.waitUntilOpen(timeout: max(deadline - ContinuousClock.now, .milliseconds(1)))
        } catch {
            throw BusError(.notSent, "the broker cannot be reached", cause: error)
        }
    }
}

extension AMQPConfiguration {
    init(_ bus: BusConfiguration, use: String) {
        self.init(
            endpoints: bus.endpoints.map { Endpoint(host: $0.host, port: $0.port) }, virtualHost: bus.virtualHost,
            username: bus.username, password: bus.password, connectionName: "\(bus.instance) \(use)",
            tls: bus.tls.map {
                TLS(caFile: $0.certificateAuthority, certificateFile: $0.certificate, keyFile: $0.key)
            })
        heartbeat = bus.heartbeat
        connectTimeout = bus.connectTimeout
        operationTimeout = bus.operationTimeout
        reconnectDelay = bus.reconnectDelay
    }
}
