import NIOCore
import Synchronization

/// The open connections of a proxy.
final class ProxyConnections: Sendable {
    private struct State {
        var next = 0
        var open: [Int: NIOLoopBound<ProxiedConnection>] = [:]
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open.count } }

    func add(_ connection: NIOLoopBound<ProxiedConnection>) -> Int {
        state.withLock {
            $0.next += 1
            $0.open[$0.next] = connection
            return $0.next
        }
    }

    func remove(_ number: Int) {
        state.withLock { _ = $0.open.removeValue(forKey: number) }
    }

    func change(to conditions: ProxyConditions) {
        forEach { $0.change(to: conditions) }
    }

    func breakAll() {
        forEach { $0.breakOff() }
    }

    private func forEach(_ body: @escaping @Sendable (ProxiedConnection) -> Void) {
        for connection in state.withLock({ Array($0.open.values) }) {
            connection.eventLoop.execute { body(connection.value) }
        }
    }
}
