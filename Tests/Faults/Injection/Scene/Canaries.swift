import Synchronization

/// What was written past everybody's back during one fault.
final class Canaries: Sendable {
    private static let numbers = Atomic<Int>(1)
    private let state = Mutex<(before: Int, written: Int)?>(nil)

    /// - Returns: the first number that no canary has
    func begin(surviving before: Int) -> Int {
        state.withLock { $0 = (before, 0) }
        return Self.numbers.add(1_000, ordering: .relaxed).oldValue
    }

    func written(_ count: Int) { state.withLock { $0?.written = count } }

    /// How many there would be if none had vanished; nil if none were written.
    var expected: Int? { state.withLock { $0.map { $0.before + $0.written } } }
}
