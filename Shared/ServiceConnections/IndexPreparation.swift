public import Logging
public import MongoStore
import Synchronization

/// Creates the indexes of a database; waits for it without a limit.
///
/// The unique indexes keep numbers, messages and usernames unique, so nothing is stored before
/// ``make()`` has returned; the gateway, whose indexes are only for speed and expiry, does not wait.
public final class IndexPreparation: Sendable {
    /// As long as a failed attempt is followed by a next one: from a tenth of a second, doubled up to this.
    private static let longestPause: Duration = .seconds(10)

    private let create: @Sendable () async throws(MongoError) -> Void
    private let logger: Logger
    private let state = Mutex<String?>("not made yet")

    /// - Parameter create: makes all indexes that are not there; it may be called again and again.
    public init(logger: Logger, create: @escaping @Sendable () async throws(MongoError) -> Void) {
        self.logger = logger
        self.create = create
    }

    /// Why the indexes do not exist yet, for people; nil once they do.
    public var obstacle: String? { state.withLock { $0 } }

    /// Tries until the indexes exist or the task is cancelled.
    ///
    /// - Returns: false if it was cancelled.
    /// - Throws: `duplicateKey`, which a retry does not fix: the stored data breaks a rule that the indexes enforce.
    public func make() async throws(MongoError) -> Bool {
        var attempt = 0
        while true {
            do throws(MongoError) {
                try await create()
                state.withLock { $0 = nil }
                return true
            } catch {
                if error.code == .duplicateKey { throw error }
                if Task.isCancelled { return false }
                attempt += 1
                state.withLock { $0 = "not made yet: \(error.code)" }
                logger.warning(
                    "the indexes cannot be created yet", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
            }
            let pause = min(Self.longestPause, .milliseconds(100 << min(attempt, 7)))
            do {
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
            } catch {
                return false
            }
        }
    }
}
