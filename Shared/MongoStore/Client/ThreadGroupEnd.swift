import Synchronization

/// Waits for the end of a fixed number of threads.
final class ThreadGroupEnd: Sendable {
    private struct State {
        var running: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(threads: Int) {
        state = Mutex(State(running: threads))
    }

    /// Called by each thread at its end; the last one runs `cleanUp` before those who wait go on.
    func threadEnded(cleanUp: () -> Void) {
        let isLast = state.withLock { state in
            guard state.running == 1 else {
                state.running -= 1
                return false
            }
            return true
        }
        guard isLast else { return }
        cleanUp()
        let waiting = state.withLock { state in
            state.running = 0
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns after the last thread's end. Not cancellable: the threads end by themselves within the time limits of
    /// their operations.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
    }
}
