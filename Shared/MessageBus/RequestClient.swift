public import ChatContracts
public import Logging
public import ServiceLifecycle

/// Asks other services and waits for their replies.
///
/// Every call ends: with the reply, with the fault that the service answered, or with what is known otherwise. At most
/// `maximumInFlight` calls wait at once; more are refused as `notSent`.
public final class RequestClient: Service, Sendable {
    public enum Form: Sendable, Hashable {
        /// Changes something: kept by the broker until it is done, also when nobody waits for the answer any more.
        case command
        /// Changes nothing: dropped when it is late.
        case query
    }

    /// - Parameter instance: The name that replies are sent to; the bus's own if nil.
    public init(bus: MessageBus, instance: String? = nil, maximumInFlight: Int = 1024, logger: Logger) {
        fatalError("not written yet")
    }

    /// Receives replies and ends calls that are overdue.
    public func run() async throws { fatalError("not written yet") }

    /// Whether replies can be received right now.
    public var isSubscribed: Bool { fatalError("not written yet") }

    /// Sends a request to a queue and waits for its reply.
    ///
    /// - Parameters:
    ///   - queue: One of ``Topology``'s queues.
    ///   - context: By default the running task's own request; its timeout bounds the whole call.
    public func call<R: ServiceRequest>(
        _ request: R, queue: String, form: Form, context: RequestContext? = nil
    ) async throws(BusError) -> R.Reply { fatalError("not written yet") }

    /// Like ``call(_:queue:form:context:)``, but answers with the reply's line of JSON as the service wrote it.
    public func callRaw<R: ServiceRequest>(
        _ request: R, queue: String, form: Form, context: RequestContext? = nil
    ) async throws(BusError) -> [UInt8] { fatalError("not written yet") }
}
