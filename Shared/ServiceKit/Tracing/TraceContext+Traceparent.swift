/// The `traceparent` header of W3C Trace Context, level 1: `00-<trace id>-<parent id>-<flags>`.
extension TraceContext {
    /// Reads a header's value; nil if it is not valid, in which case a new trace begins.
    ///
    /// A version above 00 may carry more after the flags, which is ignored as the specification demands.
    public init?(traceparent text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.number(bytes[0..<2]), version != 0xff,
            bytes.count == 55 || version > 0 && bytes[55] == dash,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]), high != 0 || low != 0,
            let span = Self.number(bytes[36..<52]), span != 0,
            let flags = Self.number(bytes[53..<55])
        else { return nil }
        self.init(traceID: TraceID(high: high, low: low), spanID: SpanID(value: span), isSampled: flags & 1 == 1)
    }

    /// The header's value.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// Only lowercase digits count: the specification allows no others.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}

private let dash = UInt8(ascii: "-")
