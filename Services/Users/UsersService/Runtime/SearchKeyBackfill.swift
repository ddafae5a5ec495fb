import ChatContracts
import LogKeys
import Logging
import MongoStore

/// Updates the search keys of accounts that have none or those of older rules.
///
/// It reads the accounts once from end to end at each start, in the order of their ids and a few at a time, and writes to
/// those that need it. Stopped at any point it does the rest at the next start; several at once do no harm.
struct SearchKeyBackfill: Sendable {
    let store: AccountStore
    let logger: Logger

    /// Accounts of one query and one write.
    private static let batch = 200
    /// Between two writes, so that people's requests come first.
    private static let pause: Duration = .milliseconds(20)
    private static let pauseAfterFailure: Duration = .seconds(5)

    /// Returns when all are done, or the task is cancelled.
    func run() async {
        var last: UserID?
        var count = 0
        while !Task.isCancelled {
            do throws(MongoError) {
                let users = try await store.usersWithoutSearchKeys(after: last, limit: Self.batch)
                guard let end = users.last else { break }
                try await store.setSearchKeys(of: users)
                last = end.id
                count += users.count
            } catch {
                logger.notice("search keys of accounts cannot be updated yet", metadata: [LogKey.error: "\(error)"])
                try? await Task.sleep(for: Self.pauseAfterFailure)
                continue
            }
            try? await Task.sleep(for: Self.pause)
        }
        if count > 0 { logger.info("search keys of accounts were updated", metadata: ["count": "\(count)"]) }
    }
}
