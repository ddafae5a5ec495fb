import ChatContracts
import HeapModule

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

    private struct Deadline: Comparable {
        var instant: Instant
        var id: UInt64

        static func < (left: Self, right: Self) -> Bool { (left.instant, left.id) < (right.instant, right.id) }
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
    /// Those of calls that ended stay until they are due, and are then passed over.
    private var deadlines = Heap<Deadline>()
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
        deadlines.insert(Deadline(instant: deadline, id: id))
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
        while let next = deadlines.min, next.instant <= now {
            deadlines.removeMin()
            end(next.id, outcome, &ended)
        }
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
