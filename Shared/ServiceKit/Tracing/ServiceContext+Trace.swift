public import Tracing

extension ServiceContext {
    private enum TraceContextKey: ServiceContextKey {
        typealias Value = TraceContext
        static var nameOverride: String? { "trace" }
    }

    private enum RequestIDKey: ServiceContextKey {
        typealias Value = String
        static var nameOverride: String? { "request-id" }
    }

    /// Where the current work belongs in its trace. Log lines written meanwhile carry it as `trace.id` and `span.id`.
    public var trace: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }

    /// Names one request of a client through all services. Log lines written meanwhile carry it as `request.id`.
    public var requestID: String? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }

    /// The same context one step further down its trace, or at the beginning of one: for an outgoing call.
    public func child() -> ServiceContext {
        var context = self
        context.trace = trace?.child() ?? .root()
        return context
    }
}

/// Runs `operation` as a new piece of work in the trace that `traceparent` names, or in a new trace.
///
/// - Parameters:
///   - requestID: Goes into every log line and outgoing call that `operation` makes.
///   - traceparent: The header's value as it came in; an invalid one counts as none.
public func withTrace<Result, Failure: Error>(
    requestID: String?, traceparent: String? = nil, _ operation: () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    var context = ServiceContext.current ?? .topLevel
    context.trace = .continuing(traceparent)
    context.requestID = requestID
    // `withValue` forgets the type of the error.
    let outcome: Swift.Result<Result, Failure> = await ServiceContext.withValue(context) {
        do throws(Failure) {
            return .success(try await operation())
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
