/// The place of a piece of work in a trace: the two ids of W3C Trace Context and whether the trace is recorded.
public struct TraceContext: Sendable, Hashable {
    /// 128 bits, never zero.
    public let traceID: TraceID
    /// 64 bits, never zero.
    public let spanID: SpanID
    public let isSampled: Bool

    init(traceID: TraceID, spanID: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// The beginning of a new trace.
    public static func root(isSampled: Bool = true) -> Self {
        Self(traceID: .random(), spanID: .random(), isSampled: isSampled)
    }

    /// The next piece of work in the same trace.
    public func child() -> Self {
        Self(traceID: traceID, spanID: .random(), isSampled: isSampled)
    }

    /// The next piece of work in the trace that a `traceparent` header names; a new trace if there is none or an invalid
    /// one.
    public static func continuing(_ traceparent: String?) -> Self {
        traceparent.flatMap(Self.init(traceparent:))?.child() ?? .root()
    }

    public struct TraceID: Sendable, Hashable, CustomStringConvertible {
        let high: UInt64
        let low: UInt64

        static func random() -> Self {
            Self(high: .random(in: 0...UInt64.max), low: .random(in: 1...UInt64.max))
        }

        /// 32 lowercase hexadecimal digits.
        public var description: String { hexadecimal(high) + hexadecimal(low) }
    }

    public struct SpanID: Sendable, Hashable, CustomStringConvertible {
        let value: UInt64

        static func random() -> Self { Self(value: .random(in: 1...UInt64.max)) }

        /// 16 lowercase hexadecimal digits.
        public var description: String { hexadecimal(value) }
    }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
