/// Waiting between attempts: exponential with full jitter, so that many do not come back at once.
struct Backoff: Sendable {
    var first: Duration = .milliseconds(50)
    var limit: Duration = .seconds(2)
    private var attempt = 0

    init(first: Duration = .milliseconds(50), limit: Duration = .seconds(2)) {
        self.first = first
        self.limit = limit
    }

    /// The next delay, after at least what the server asked for, within reason.
    mutating func next(atLeast seconds: Int? = nil) -> Duration {
        let ceiling = min(limit, first * (1 << min(attempt, 16)))
        attempt += 1
        return .seconds(min(seconds ?? 0, 30)) + ceiling * Double.random(in: 0...1)
    }

    mutating func reset() { attempt = 0 }
}
