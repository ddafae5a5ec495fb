public import Logging
public import ServiceLifecycle

/// A process's two connections to the broker: one to publish, one to consume, so that a broker which blocks publishers
/// does not stop deliveries.
///
/// Run it for as long as anything uses it: in a `ServiceGroup` it comes before the services that are made from it.
public final class MessageBus: Service, Sendable {
    public let configuration: BusConfiguration

    public init(configuration: BusConfiguration, logger: Logger) {
        self.configuration = configuration
        fatalError("not written yet")
    }

    /// Keeps both connections until the task is cancelled or a graceful shutdown ends.
    public func run() async throws { fatalError("not written yet") }

    /// Whether requests and events can be published and consumed right now.
    public var isReady: Bool { checkReady() == nil }

    /// Why the bus is of no use right now; nil if it is. Never waits.
    public func checkReady() -> String? { fatalError("not written yet") }

    /// Waits until both connections are open.
    public func waitUntilReady(timeout: Duration) async throws(BusError) { fatalError("not written yet") }
}
