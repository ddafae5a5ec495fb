import MessageBus
import Synchronization

/// Where the subscriptions of a lane put what they receive, for the lane's one worker. What is in it is bounded by the
/// subscriptions' prefetch, because nothing is settled before the worker has taken it.
final class LaneInbox: Sendable {
    typealias Entry = (shard: Int, event: CommandSubscription.Event)

    private struct State {
        var entries: [Entry] = []
        var waiter: CheckedContinuation<Void, Never>?
        var isStopped = false
        var isNudged = false
    }

    private let state = Mutex(State())

    func put(_ event: CommandSubscription.Event, shard: Int) {
        let waiter = state.withLock { state in
            if case .lost = event {
                // What waits of this subscription is void, and comes again.
                state.entries.removeAll { entry in
                    guard entry.shard == shard, case .commands = entry.event else { return false }
                    return true
                }
            }
            state.entries.append((shard, event))
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Lets the worker look around once more although nothing has come.
    func nudge() {
        let waiter = state.withLock { state in
            state.isNudged = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Lets the worker end instead of waiting or beginning something new.
    func stop() {
        let waiter = state.withLock { state in
            state.isStopped = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    var isStopped: Bool { state.withLock(\.isStopped) }

    /// What has come since the last call; does not wait.
    func take() -> [Entry] {
        state.withLock { state in
            defer { state.entries.removeAll(keepingCapacity: true) }
            return state.entries
        }
    }

    /// Like ``wait()``, but not for longer than this.
    func wait(atMost limit: Duration) async {
        // Ends with this scope.
        async let _: Void = nudge(after: limit)
        await wait()
    }

    private func nudge(after delay: Duration) async {
        guard (try? await Task.sleep(for: delay)) != nil else { return }
        nudge()
    }

    /// Returns when there is something to take, or the lane is stopped. For the one worker.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.isStopped || !state.entries.isEmpty || state.isNudged {
                        state.isNudged = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            stop()
        }
    }
}
