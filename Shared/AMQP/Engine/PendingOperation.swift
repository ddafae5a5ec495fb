internal import Synchronization

/// One operation that a task waits for and the connection's thread finishes. It finishes exactly once: with a result,
/// an error or by cancellation, whichever comes first.
final class PendingOperation<Value: Sendable>: Sendable {
    private struct State {
        var isSent = false
        var result: Result<Value, AMQPError>?
        var continuation: CheckedContinuation<Result<Value, AMQPError>, Never>?
    }

    private let state = Mutex(State())

    /// Called by the thread before the operation is written.
    /// - Returns: false when nobody waits any more, so that it must not be written.
    func begin() -> Bool {
        state.withLock { state in
            guard state.result == nil else { return false }
            state.isSent = true
            return true
        }
    }

    func finish(_ result: Result<Value, AMQPError>) {
        let continuation = state.withLock { state -> CheckedContinuation<Result<Value, AMQPError>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            return state.continuation.take()
        }
        continuation?.resume(returning: result)
    }

    /// Waits for the result; cancelling the task ends the wait at once.
    func value() async throws(AMQPError) -> Value {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let finished = state.withLock { state -> Result<Value, AMQPError>? in
                    if state.result == nil { state.continuation = continuation }
                    return state.result
                }
                if let finished { continuation.resume(returning: finished) }
            }
        } onCancel: {
            let isSent = state.withLock { $0.isSent }
            finish(.failure(AMQPError(.cancelled, "the waiting task was cancelled", outcomeUnknown: isSent)))
        }
        return try result.get()
    }
}

/// Publications that one task waits for together.
final class PendingBatch: Sendable {
    typealias Outcome = Result<Void, AMQPError>

    private struct State {
        var results: [Outcome?]
        var isSent: [Bool]
        var missing: Int
        var continuation: CheckedContinuation<[Outcome], Never>?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(
            State(
                results: Array(repeating: nil, count: count), isSent: Array(repeating: false, count: count),
                missing: count))
    }

    func begin(_ index: Int) -> Bool {
        state.withLock { state in
            guard state.results[index] == nil else { return false }
            state.isSent[index] = true
            return true
        }
    }

    func finish(_ index: Int, _ outcome: Outcome) {
        complete { state in
            guard state.results[index] == nil else { return }
            state.results[index] = outcome
            state.missing -= 1
        }
    }

    func outcomes() async -> [Outcome] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in complete { $0.continuation = continuation } }
        } onCancel: {
            complete { state in
                for index in state.results.indices where state.results[index] == nil {
                    let error = AMQPError(
                        .cancelled, "the waiting task was cancelled", outcomeUnknown: state.isSent[index])
                    state.results[index] = .failure(error)
                }
                state.missing = 0
            }
        }
    }

    private func complete(_ change: (inout sending State) -> Void) {
        let finished = state.withLock { state -> (CheckedContinuation<[Outcome], Never>, [Outcome])? in
            change(&state)
            guard state.missing == 0, let continuation = state.continuation.take() else { return nil }
            return (continuation, state.results.map { $0! })
        }
        if let (continuation, outcomes) = finished { continuation.resume(returning: outcomes) }
    }
}
