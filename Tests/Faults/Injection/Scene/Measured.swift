import Synchronization

/// How much was done per second since a moment.
final class Measured: Sendable {
    private let start = Mutex<(count: Int, at: ContinuousClock.Instant)?>(nil)

    func begin(_ count: Int) { start.withLock { $0 = (count, .now) } }

    /// - Returns: 0 if it never began
    func rate(_ count: Int) -> Double {
        start.withLock { start in
            guard let start else { return 0 }
            return Double(count - start.count) / max(0.001, (ContinuousClock.now - start.at) / .seconds(1))
        }
    }
}
