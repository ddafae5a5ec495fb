internal import Synchronization

/// Where callers leave commands for the connection's thread: bounded, and waking the thread only when it was empty.
final class Mailbox: Sendable {
    /// Whether operations are accepted at the moment.
    enum Admission: Sendable {
        case open
        case blocked(reason: String)
        case notConnected
        case closed
    }

    private struct State {
        var commands: [Command] = []
        var admission = Admission.notConnected
        var operations = 0
        var bytes = 0
    }

    let wake = WakeDescriptor()
    private let capacity: Int
    private let byteCapacity: Int
    private let state = Mutex(State())

    init(capacity: Int, byteCapacity: Int) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    /// Leaves a command that counts as `operations` and `bytes` until `release` is called for it.
    /// - Throws: `notConnected`, `blocked`, `closed`, `busy`.
    func post(_ command: Command, operations: Int, bytes: Int = 0) throws(AMQPError) {
        let (refusal, wasEmpty) = state.withLock { state -> (AMQPError?, Bool) in
            if let refusal = state.admission.refusal { return (refusal, false) }
            if state.operations > 0 {
                if state.operations + operations > capacity {
                    return (AMQPError(.busy, "\(state.operations) operations are under way"), false)
                }
                if bytes > 0 && state.bytes + bytes > byteCapacity {
                    return (AMQPError(.busy, "\(state.bytes) bytes are under way"), false)
                }
            } else if operations > capacity {
                return (AMQPError(.busy, "\(operations) operations at once are over the limit of \(capacity)"), false)
            }
            state.operations += operations
            state.bytes += bytes
            state.commands.append(command)
            return (nil, state.commands.count == 1)
        }
        if let refusal { throw refusal }
        if wasEmpty { wake.signal() }
    }

    /// Leaves a command whose number is bounded by something else, such as the deliveries that it settles.
    func postControl(_ command: Command) {
        let wasEmpty = state.withLock { state in
            state.commands.append(command)
            return state.commands.count == 1
        }
        if wasEmpty { wake.signal() }
    }

    var isOpen: Bool {
        state.withLock { state in
            if case .open = state.admission { true } else { false }
        }
    }

    // MARK: For the thread

    /// Takes all commands. `spare` comes back in as the new, empty store, so that its memory is used again.
    func take(_ spare: inout [Command]) {
        spare.removeAll(keepingCapacity: true)
        state.withLock { swap(&$0.commands, &spare) }
    }

    func admit(_ admission: Admission) { state.withLock { $0.admission = admission } }

    func release(operations: Int, bytes: Int) {
        guard operations > 0 || bytes > 0 else { return }
        state.withLock { state in
            state.operations -= operations
            state.bytes -= bytes
        }
    }
}

extension Mailbox.Admission {
    fileprivate var refusal: AMQPError? {
        switch self {
        case .open: nil
        case .blocked(let reason): AMQPError(.blocked, "the broker takes no publications: \(reason)")
        case .notConnected: AMQPError(.notConnected, "there is no connection to the broker")
        case .closed: AMQPError(.closed, "the connection was closed")
        }
    }
}
