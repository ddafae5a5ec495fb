import DequeModule
import Synchronization

/// Bounds how many requests of one type run at once, and how many wait for that: one kind of request, or somebody who
/// sends many of it, cannot take all of a server's slots.
final class CostlyRequests<Request: Sendable>: Sendable {
    enum Admission: Sendable, Hashable {
        case hasNoLimit
        /// To be followed by ``end(_:)``.
        case runs
        /// ``end(_:)`` returns it when its turn has come.
        case waits
        case isOneTooMany
    }

    private struct Turns {
        var limit: Int
        var running = 0
        var waiting: Deque<Request> = []
    }

    private let mostWaiting: Int
    private let turns = Mutex<[String: Turns]>([:])

    init(waitingAtMost limit: Int) { mostWaiting = limit }

    func limit(_ type: String, to limit: Int) {
        precondition(limit > 0, "none would ever run")
        turns.withLock { $0[type] = Turns(limit: limit) }
    }

    func admit(_ request: Request, _ type: String) -> Admission {
        turns.withLock { turns in
            guard var kind = turns[type] else { return .hasNoLimit }
            defer { turns[type] = kind }
            if kind.running < kind.limit {
                kind.running += 1
                return .runs
            }
            guard turns.values.reduce(0, { $0 + $1.waiting.count }) < mostWaiting else { return .isOneTooMany }
            kind.waiting.append(request)
            return .waits
        }
    }

    /// One of this type has ended.
    ///
    /// - Returns: the one whose turn it is now, which counts as running.
    func end(_ type: String) -> Request? {
        turns.withLock { turns in
            if let next = turns[type]?.waiting.popFirst() { return next }
            turns[type]?.running -= 1
            return nil
        }
    }
}
