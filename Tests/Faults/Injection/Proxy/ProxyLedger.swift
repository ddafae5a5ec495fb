import Synchronization

/// What happens at a proxy now and what it did so far; read and written from every event loop.
final class ProxyLedger: Sendable {
    private struct State {
        var conditions = ProxyConditions.none
        var counts = ProxyCounts()
    }

    private let state = Mutex(State())

    var conditions: ProxyConditions {
        get { state.withLock { $0.conditions } }
        set { state.withLock { $0.conditions = newValue } }
    }

    var counts: ProxyCounts { state.withLock { $0.counts } }

    func note(_ change: (inout ProxyCounts) -> Void) {
        state.withLock { change(&$0.counts) }
    }

    func delivered(_ bytes: Int, _ direction: ProxyDirection, delayed: Bool) {
        note {
            switch direction {
            case .requests: $0.requestBytes += bytes
            case .answers: $0.answerBytes += bytes
            }
            if delayed { $0.delayed += 1 }
        }
    }
}
