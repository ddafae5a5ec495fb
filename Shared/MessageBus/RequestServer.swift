public import ChatContracts
public import Logging
public import ServiceLifecycle

/// Answers the requests of one queue, several at a time and in no particular order.
///
/// What a handler returns is the reply; a ``Fault`` that it throws is the refusal. Both settle the request. Any other
/// error gives no reply: a command goes back to the queue after a short delay, and the queue's delivery limit ends
/// what never works; a query is refused as `unavailable`.
/// A malformed command is dead-lettered with its reason, a malformed query is refused; neither harms its neighbours.
public final class RequestServer: Service, Sendable {
    /// - Parameters:
    ///   - prefetch: How many requests the broker may hand out before the first is settled.
    ///   - concurrency: How many handlers run at once.
    ///   - deadLetterQueue: Where malformed commands go.
    public init(
        bus: MessageBus, queue: String, prefetch: Int, concurrency: Int, deadLetterQueue: String, logger: Logger
    ) { fatalError("not written yet") }

    /// Registers the handler of one type of request. Call it before ``run()``; a second one for a type replaces the
    /// first.
    public func handle<R: ServiceRequest>(
        _ type: R.Type, _ handler: @escaping @Sendable (R, RequestContext) async throws -> R.Reply
    ) { fatalError("not written yet") }

    /// Serves until a graceful shutdown, which lets running handlers finish, or cancellation.
    public func run() async throws { fatalError("not written yet") }

    /// Whether requests can be received right now.
    public var isSubscribed: Bool { fatalError("not written yet") }
}
