internal import DequeModule
internal import Synchronization

/// Hands one consumer's events from the connection's thread to the task that iterates them. What is waiting is bounded
/// by the prefetch: the broker lets out no more before deliveries are acknowledged.
final class ConsumerStream: Sendable {
    typealias Event = AMQPConsumerEvents.Element

    private struct State {
        var events = Deque<Event>()
        var waiter: CheckedContinuation<Event?, Never>?
        var isSubscribed = false
        var isFinished = false
        var lastHeard = ContinuousClock.now
    }

    let configuration: AMQPConsumerConfiguration
    private let state = Mutex(State())

    init(configuration: AMQPConsumerConfiguration) { self.configuration = configuration }

    var isSubscribed: Bool { state.withLock { $0.isSubscribed } }

    var lastHeard: ContinuousClock.Instant { state.withLock { $0.lastHeard } }

    func subscribed(generation: Int) {
        push(.subscribed(generation: generation)) {
            $0.isSubscribed = true
            $0.lastHeard = .now
        }
    }

    /// Deliveries that nobody has looked at yet are joined with earlier ones.
    func deliver(_ deliveries: [AMQPDelivery]) {
        push(.deliveries(deliveries)) { $0.lastHeard = .now }
    }

    /// Deliveries that are still waiting are void and are dropped.
    func lost(_ error: AMQPError) {
        push(.lost(error)) { state in
            state.isSubscribed = false
            state.events.removeAll { if case .deliveries = $0 { true } else { false } }
        }
    }

    func finish() {
        let waiter = state.withLock { state -> CheckedContinuation<Event?, Never>? in
            state.isFinished = true
            state.isSubscribed = false
            state.events = []
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }

    func next() async -> Event? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Step { case wait, give(Event?) }
                let step = state.withLock { state -> Step in
                    if let event = state.events.popFirst() { return .give(event) }
                    if state.isFinished || Task.isCancelled { return .give(nil) }
                    precondition(state.waiter == nil, "the events of a consumer are iterated once")
                    state.waiter = continuation
                    return .wait
                }
                if case .give(let event) = step { continuation.resume(returning: event) }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume(returning: nil)
        }
    }

    private func push(_ event: Event, _ change: (inout sending State) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Event?, Never>? in
            guard !state.isFinished else { return nil }
            change(&state)
            if let waiter = state.waiter.take() { return waiter }
            if case .deliveries(let more) = event, state.events.count > 0,
                case .deliveries(var earlier) = state.events[state.events.count - 1]
            {
                // Taken out first, so that appending does not copy.
                state.events[state.events.count - 1] = .deliveries([])
                earlier.append(contentsOf: more)
                state.events[state.events.count - 1] = .deliveries(earlier)
            } else {
                state.events.append(event)
            }
            return nil
        }
        waiter?.resume(returning: event)
    }
}
