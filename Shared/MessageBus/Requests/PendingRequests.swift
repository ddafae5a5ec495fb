import ChatContracts

/// How a call ended.
enum CallOutcome: Sendable {
    /// The reply's line of JSON.
    case reply(ArraySlice<UInt8>)
    case failed(BusError)
}

/// The calls that wait for a reply: a bounded table with a deadline for each. Pure; the owner resumes the waiters that
/// its operations hand back.
///
/// A call begins, then waits, and may end between the two, because a reply can be faster than the task that asked.
struct PendingRequests<Waiter, Instant: Comparable> {
    private enum State {
        case begun
        case waiting(Waiter)
        case ended(CallOutcome)
    }

    enum EndResult {
        case resume(Waiter)
        /// It will be told when it starts to wait.
        case kept
        /// Nobody waits for this any more.
        case late
    }

    private var states: [UInt64: State] = [:]
    /// Calls that wait, and whose request the broker surely has.
    private var accepted: Set<UInt64> = []
    private var deadlines = DeadlineHeap<Instant>()
    private var nextID: UInt64
    private let capacity: Int

    var count: Int { states.count }

    /// - Parameter firstID: A random start keeps replies to an earlier process from being taken for this one's.
    init(capacity: Int, firstID: UInt64) {
        self.capacity = capacity
        nextID = firstID
    }

    /// - Returns: The call's id; nil if there are too many.
    mutating func begin(deadline: Instant) -> UInt64? {
        guard states.count < capacity else { return nil }
        let id = nextID
        nextID &+= 1
        states[id] = .begun
        deadlines.insert(id, at: deadline)
        return id
    }

    /// - Returns: The outcome if there is one already; the call is then over.
    mutating func wait(_ id: UInt64, _ waiter: Waiter) -> CallOutcome? {
        switch states[id] {
        case .ended(let outcome):
            states[id] = nil
            return outcome
        case .begun:
            states[id] = .waiting(waiter)
            return nil
        case .waiting, nil:
            preconditionFailure("a call waits once, after it began")
        }
    }

    /// The broker has the request. No effect on a call that is over.
    mutating func accept(_ id: UInt64) {
        if states[id] != nil { accepted.insert(id) }
    }

    /// The first outcome of a call is the one that counts.
    mutating func end(_ id: UInt64, _ outcome: CallOutcome) -> EndResult {
        accepted.remove(id)
        switch states[id] {
        case .waiting(let waiter):
            states[id] = nil
            return .resume(waiter)
        case .begun:
            states[id] = .ended(outcome)
            return .kept
        case .ended, nil:
            return .late
        }
    }

    /// A waiter, and whether the broker surely has its request.
    typealias Ended = (waiter: Waiter, isAccepted: Bool)

    /// Ends every call that is overdue.
    mutating func expire(now: Instant, _ outcome: @Sendable (_ isAccepted: Bool) -> CallOutcome) -> [Ended] {
        var ended: [Ended] = []
        while let id = deadlines.popFirst(notAfter: now) { end(id, outcome, &ended) }
        return ended
    }

    mutating func endAll(_ outcome: @Sendable (_ isAccepted: Bool) -> CallOutcome) -> [Ended] {
        var ended: [Ended] = []
        for id in Array(states.keys) { end(id, outcome, &ended) }
        return ended
    }

    private mutating func end(
        _ id: UInt64, _ outcome: @Sendable (_ isAccepted: Bool) -> CallOutcome, _ ended: inout [Ended]
    ) {
        let isAccepted = accepted.contains(id)
        if case .resume(let waiter) = end(id, outcome(isAccepted)) { ended.append((waiter, isAccepted)) }
    }
}

/// Ids in the order of their deadlines. Ids that ended earlier stay until their deadline and are then ignored.
struct DeadlineHeap<Instant: Comparable> {
    private var items: [(deadline: Instant, id: UInt64)] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func insert(_ id: UInt64, at deadline: Instant) {
        items.append((deadline, id))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].deadline < items[parent].deadline else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst(notAfter now: Instant) -> UInt64? {
        guard let first = items.first, first.deadline <= now else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            sink()
        }
        return first.id
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].deadline < items[smallest].deadline {
                smallest = child
            }
            guard smallest != parent else { return }
            items.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
