/// Pauses between attempts: a random part of a bound that doubles with every failure ("full jitter").
struct Backoff {
    let limits: ClosedRange<Duration>
    private(set) var failures = 0

    init(limits: ClosedRange<Duration>) { self.limits = limits }

    /// The longest that the next pause can be.
    var bound: Duration {
        var bound = limits.lowerBound
        for _ in 0..<min(failures, 40) {
            bound *= 2
            if bound >= limits.upperBound { return limits.upperBound }
        }
        return min(bound, limits.upperBound)
    }

    /// Draws the next pause and counts a failure.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let pause = bound * Double.random(in: 0...1, using: &generator)
        failures += 1
        return pause
    }

    mutating func reset() { failures = 0 }
}
