internal import Synchronization

/// The connection's state, for everyone who wants to see it.
final class ConnectionStatus: Sendable {
    private struct Observed {
        var state = AMQPConnection.State.connecting(lastError: nil)
        var observers: [Int: AsyncStream<AMQPConnection.State>.Continuation] = [:]
        var nextObserver = 0
    }

    private let observed = Mutex(Observed())

    var state: AMQPConnection.State { observed.withLock { $0.state } }

    func change(to state: AMQPConnection.State) {
        // Yielding inside the lock keeps the order that observers see; the streams keep one element and never wait.
        observed.withLock { observed in
            if case .closed = observed.state { return }
            observed.state = state
            for observer in observed.observers.values { observer.yield(state) }
        }
        guard case .closed = state else { return }
        // Finishing runs the streams' termination handlers, which take the lock.
        let observers = observed.withLock { observed in
            defer { observed.observers = [:] }
            return observed.observers
        }
        for observer in observers.values { observer.finish() }
    }

    func states() -> AsyncStream<AMQPConnection.State> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AMQPConnection.State.self, bufferingPolicy: .bufferingNewest(1))
        let (observer, isOver) = observed.withLock { observed -> (Int, Bool) in
            let observer = observed.nextObserver
            observed.nextObserver += 1
            continuation.yield(observed.state)
            if case .closed = observed.state { return (observer, true) }
            observed.observers[observer] = continuation
            return (observer, false)
        }
        if isOver {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                self?.observed.withLock { _ = $0.observers.removeValue(forKey: observer) }
            }
        }
        return stream
    }
}
