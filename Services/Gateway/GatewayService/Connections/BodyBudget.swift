import Synchronization

/// Bytes that bodies of requests may take before anybody knows whose they are, in this process.
final class BodyBudget: Sendable {
    private let left: Atomic<Int>

    init(bytes: Int) { left = Atomic(bytes) }

    func take(_ bytes: Int) -> Bool {
        guard left.subtract(bytes, ordering: .relaxed).newValue >= 0 else {
            give(back: bytes)
            return false
        }
        return true
    }

    func give(back bytes: Int) { left.add(bytes, ordering: .relaxed) }
}
