/// What travels with a request through every service: who to blame it on in logs and traces, and how long it may take.
public struct RequestContext: Sendable, Hashable {
    /// Appears in every service's log lines about the request.
    public var requestID: String
    /// W3C trace context; nil when nothing traces the request.
    public var traceparent: String?
    /// How long the asker waits for the answer, from the moment that the request is sent or received.
    public var timeout: Duration

    public init(requestID: String, traceparent: String? = nil, timeout: Duration = .seconds(5)) {
        self.requestID = requestID
        self.traceparent = traceparent
        self.timeout = timeout
    }

    /// The request that the running task works for. Handlers of ``RequestServer`` run with it set.
    @TaskLocal public static var current: RequestContext?

    /// A context for work that no request asked for.
    public static func background(timeout: Duration = .seconds(5)) -> RequestContext {
        RequestContext(requestID: "background-" + String(UInt64.random(in: .min ... .max), radix: 16), timeout: timeout)
    }
}
