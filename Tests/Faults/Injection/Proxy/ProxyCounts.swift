/// What a proxy has done so far.
public struct ProxyCounts: Sendable, Equatable {
    /// Connections that were let in.
    public var connections = 0
    /// Connections that were reset on arrival.
    public var refused = 0
    /// Connections whose other end could not be reached.
    public var unreachable = 0
    public var requestBytes = 0
    public var answerBytes = 0
    /// Pieces that were held back.
    public var delayed = 0
    public var resets = 0
    /// Connections closed instead of handing over what came.
    public var cuts = 0
    /// Bytes that one side said and the other never got.
    public var lostBytes = 0
    public var stalls = 0
    public var halfCloses = 0

    public init() {}

    /// How often the proxy did something that a plain wire does not do.
    public var interferences: Int { refused + delayed + resets + cuts + stalls + halfCloses }

    public static func - (left: ProxyCounts, right: ProxyCounts) -> ProxyCounts {
        var difference = left
        for path in paths { difference[keyPath: path] -= right[keyPath: path] }
        return difference
    }

    public static func + (left: ProxyCounts, right: ProxyCounts) -> ProxyCounts {
        var sum = left
        for path in paths { sum[keyPath: path] += right[keyPath: path] }
        return sum
    }

    private static var paths: [WritableKeyPath<ProxyCounts, Int>] {
        [
            \.connections, \.refused, \.unreachable, \.requestBytes, \.answerBytes, \.delayed, \.resets, \.cuts,
            \.lostBytes, \.stalls, \.halfCloses,
        ]
    }
}
