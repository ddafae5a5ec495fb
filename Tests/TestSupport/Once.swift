import Synchronization

/// A value that is made at the first request and shared by all that follow, whichever test asks first.
final class Once<Value: Sendable>: Sendable {
    private let task = Mutex<Task<Value, any Error>?>(nil)
    private let make: @Sendable () async throws -> Value

    init(_ make: @escaping @Sendable () async throws -> Value) {
        self.make = make
    }

    func value() async throws -> Value {
        let task = task.withLock { task in
            if let task { return task }
            // Detached, because a cancelled first test must not take the value away from the others.
            let new = Task.detached { [make] in try await make() }
            task = new
            return new
        }
        return try await task.value
    }
}
