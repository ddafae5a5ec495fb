import Synchronization

/// Lets a bounded number of pieces of work run at once. One task acquires; the work itself releases.
final class WorkSlots: Sendable {
    private struct State {
        var free: Int
        var acquirer: CheckedContinuation<Void, Never>?
        var idler: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state: Mutex<State>

    init(_ capacity: Int) {
        precondition(capacity > 0, "without a slot nothing would ever run")
        self.capacity = capacity
        state = Mutex(State(free: capacity))
    }

    /// Waits for a slot and takes it.
    func acquire() async {
        await withCheckedContinuation { continuation in
            let taken = state.withLock { state in
                guard state.free > 0 else {
                    precondition(state.acquirer == nil, "only one task acquires")
                    state.acquirer = continuation
                    return false
                }
                state.free -= 1
                return true
            }
            if taken { continuation.resume() }
        }
    }

    func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let acquirer = state.acquirer {
                state.acquirer = nil
                return acquirer
            }
            state.free += 1
            guard state.free == capacity, let idler = state.idler else { return nil }
            state.idler = nil
            return idler
        }
        waiter?.resume()
    }

    /// Waits until no slot is taken. The work that holds them must end by itself.
    func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            let idle = state.withLock { state in
                guard state.free < capacity else { return true }
                state.idler = continuation
                return false
            }
            if idle { continuation.resume() }
        }
    }
}
