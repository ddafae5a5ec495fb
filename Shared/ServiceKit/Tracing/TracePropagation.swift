public import Tracing

/// Carries the trace and the request id across a process's border: `traceparent` and `request-id` in the headers of an
/// HTTP or broker message.
///
/// It records nothing by itself: the ids go into the log lines of every service that takes part.
public struct TracePropagation: Instrument {
    public static let traceparentKey = "traceparent"
    public static let requestIDKey = "request-id"

    /// Longer or stranger ids from outside are not taken over into logs.
    private static let longestRequestID = 64

    public init() {}

    /// Continues the trace of the headers, as a child of the sender's work; begins one if they carry none.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let sender = extractor.extract(key: Self.traceparentKey, from: carrier).flatMap(TraceContext.init(traceparent:))
        context.trace = sender?.child() ?? .root()
        if let requestID = extractor.extract(key: Self.requestIDKey, from: carrier), Self.isAcceptable(requestID) {
            context.requestID = requestID
        }
    }

    /// Tells the receiver the work that `context` stands for; a caller that wants the call to be a piece of work of its
    /// own passes ``ServiceContext/child()``.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let trace = context.trace { injector.inject(trace.traceparent, forKey: Self.traceparentKey, into: &carrier) }
        if let requestID = context.requestID { injector.inject(requestID, forKey: Self.requestIDKey, into: &carrier) }
    }

    /// Whether an id that a client chose may be used: 1 to 64 letters, digits, dots, dashes and underscores.
    public static func isAcceptable(_ requestID: String) -> Bool {
        (1...longestRequestID).contains(requestID.utf8.count)
            && requestID.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
