import Synchronization

/// Counts the requests that are being worked on in this process: it is better to refuse some at once than to let all become
/// slow. A live stream counts only until it is open.
final class InFlightLimit: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Whether another request may be worked on; it then has to ``leave()``.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).oldValue < limit else {
            leave()
            return false
        }
        return true
    }

    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }

    /// Requests that are being worked on.
    var current: Int { count.load(ordering: .relaxed) }
}
