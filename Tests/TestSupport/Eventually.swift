/// A condition did not come true in time.
public struct NeverHappened: Error, CustomStringConvertible {
    public let description: String
}

/// Waits until the condition is true, asking every 20 ms.
///
/// - Throws: ``NeverHappened`` after the limit; what the condition throws, at once; `CancellationError`.
public func eventually(
    _ what: String = "the condition", within limit: Duration = .seconds(60), fileID: StaticString = #fileID,
    line: UInt = #line, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while true {
        if try await condition() { return }
        guard ContinuousClock.now < end else {
            throw NeverHappened(description: "\(what) was not true within \(limit) (\(fileID):\(line))")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Runs the body, and throws if it takes longer.
///
/// The body is cancelled then; a body that ignores cancellation is still waited for.
public func within<Result: Sendable>(
    _ limit: Duration, fileID: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw NeverHappened(description: "it took longer than \(limit) (\(fileID):\(line))")
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}
