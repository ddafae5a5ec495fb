/// Numbers of one process of the stack.
public struct Measurement: Codable, Sendable, Hashable {
    /// Whose numbers: `messages-1`, `broker-2`. Counters that fall to a lower value say that it was started anew.
    public var source: String
    public var values: [String: Double]

    public init(source: String, values: [String: Double]) {
        self.source = source
        self.values = values
    }
}

/// The most that gauges may show.
public struct Limits: Codable, Sendable, Hashable {
    /// By the gauge's name, or the beginning of its name if it ends in `*`.
    public var atMost: [String: Double]

    public init(atMost: [String: Double]) { self.atMost = atMost }
}

/// How much the workload offers from now on, so that what an overloaded stack still carries can be compared.
public struct LoadLevel: Codable, Sendable, Hashable {
    /// 1: as much as the stack can carry, for its best throughput. 3: three times that. 0: no longer measured.
    public var factor: Double

    public init(factor: Double) { self.factor = factor }
}

/// A sentence for people.
public struct Note: Codable, Sendable, Hashable {
    public var text: String

    public init(text: String) { self.text = text }
}
