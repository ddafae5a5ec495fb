/// A broken promise, with what is needed to see it again.
struct Violation: Error, CustomStringConvertible {
    var promise: String
    var seed: UInt64
    var step: Int
    var detail: String

    var description: String { "\(promise) is broken with seed \(seed) at step \(step): \(detail)" }
}
