/// When something was recorded. The line decides what came first; the time says how long it took.
struct Moment: Sendable, Hashable, Comparable {
    var line: Int32
    /// Nanoseconds since the run began.
    var at: Int64

    static func < (one: Moment, other: Moment) -> Bool { one.line < other.line }

    var seconds: Double { Double(at) / 1_000_000_000 }
}
