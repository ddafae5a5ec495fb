internal import DequeModule

extension Deque {
    /// Takes everything out, with the memory.
    mutating func takeAll() -> Deque {
        defer { self = [] }
        return self
    }
}
