/// Waiting for conditions of other processes, which can only be asked again and again.
enum Deadline {
    /// Asks until the answer is not nil.
    /// - Returns: nil when the limit has passed or the task was cancelled.
    static func poll<Value: Sendable>(
        within limit: Duration, every pause: Duration = .milliseconds(50), _ ask: () async -> Value?
    ) async -> Value? {
        let end = ContinuousClock.now + limit
        while true {
            if let value = await ask() { return value }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: pause)) != nil else { return nil }
        }
    }
}
