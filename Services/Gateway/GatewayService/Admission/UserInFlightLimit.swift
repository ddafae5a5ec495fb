import ChatContracts
import Synchronization

/// Bounds how many requests of one user are worked on at the same time, so that nobody can keep the other services busy
/// alone. Which requests count is a matter of their route, see ``RouteCost/countsInFlight``.
final class UserInFlightLimit: Sendable {
    private let limit: Int
    /// Users without a request have no entry, so there are never more than requests.
    private let counts = Mutex<[UserID: Int]>([:])

    init(limit: Int) { self.limit = limit }

    /// Whether the user may have another request; it then has to ``leave(_:)``.
    func enter(_ user: UserID) -> Bool {
        counts.withLock { counts in
            let count = counts[user, default: 0]
            guard count < limit else { return false }
            counts[user] = count + 1
            return true
        }
    }

    func leave(_ user: UserID) {
        counts.withLock { counts in
            let count = counts[user, default: 0]
            counts[user] = count > 1 ? count - 1 : nil
        }
    }
}
