/// What was decided about one invariant.
public struct Finding: Codable, Sendable, Hashable {
    public var invariant: Invariant
    /// Each part of an invariant is decided by itself, from data of its own.
    public var parts: [Part]

    public struct Part: Codable, Sendable, Hashable {
        public var name: String
        public var decision: Decision
        /// How many things were looked at.
        public var examined: Int
        /// How often it was violated; ``violations`` shows the first of them.
        public var violated: Int
        public var violations: [Violation]
        /// Numbers worth knowing, and with `unknown` why nothing was decided.
        public var remark: String?
    }

    /// Violated if a part is; unknown if a part is and none is violated.
    public var decision: Decision {
        if parts.contains(where: { $0.decision == .violated }) { return .violated }
        return parts.contains { $0.decision == .unknown } ? .unknown : .kept
    }
    public var examined: Int { parts.reduce(0) { $0 + $1.examined } }
    public var violated: Int { parts.reduce(0) { $0 + $1.violated } }
    public var violations: [Violation] { parts.flatMap(\.violations) }
}

public enum Decision: String, Codable, Sendable {
    case kept = "ok"
    case violated = "fail"
    /// There was nothing to decide it from.
    case unknown
}

/// One case in which an invariant did not hold.
public struct Violation: Codable, Sendable, Hashable {
    public var invariant: Invariant
    public var promise: Promise
    public var sentence: String
    /// When it happened, or when the first thing that it is about happened, in nanoseconds since the run began.
    public var at: Int64
    /// The fault during which that was.
    public var fault: String?
    /// The shortest piece of the history that shows it.
    public var evidence: [Evidence]
}

/// One line of the history, or one thing that the final read found.
public struct Evidence: Codable, Sendable, Hashable {
    /// The line's number; absent for the final read.
    public var line: Int?
    public var text: String

    public init(line: Int? = nil, text: String) {
        self.line = line
        self.text = text
    }
}
