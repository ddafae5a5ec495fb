import Logging
import Synchronization

/// Finds out which sessions of live streams have ended, and for which streams nobody can tell.
final class SessionWatch: Sendable {
    /// Those of the sessions that exist, from the database.
    typealias LookUp = @Sendable ([SessionKey]) async throws -> Set<SessionKey>

    /// Sessions of one query.
    private static let batch = 1_000

    private let lookUp: LookUp
    private let logger: Logger
    private let vouching: Mutex<SessionVouching>

    init(slots: Int, logger: Logger, lookUp: @escaping LookUp) {
        self.lookUp = lookUp
        self.logger = logger
        vouching = Mutex(SessionVouching(slots: slots))
    }

    /// Whether endings on other gateways are heard of from now on. To be told again after some were missed in between.
    func setHearing(_ isHearing: Bool) { vouching.withLock { $0.setHearing(isHearing, now: .now) } }

    /// Whether a stream of this session may open: unless the session is known to have ended, or nobody can tell.
    func allows(_ key: SessionKey) async -> Bool {
        do {
            return try await lookUp([key]).contains(key)
        } catch {
            return vouching.withLock(\.isHearing)
        }
    }

    /// Looks up the sessions whose turn it is and answers those that have ended.
    func lookForEnded(
        now: ContinuousClock.Instant, in sessions: @Sendable ([Int]) -> Set<SessionKey>
    ) async -> [SessionKey] {
        let due = vouching.withLock { $0.takeDue(now: now) }
        guard !due.isEmpty else { return [] }
        var keys = Array(sessions(due))
        var ended: [SessionKey] = []
        do {
            while !keys.isEmpty {
                let part = Array(keys.suffix(Self.batch))
                keys.removeLast(part.count)
                let existing = try await lookUp(part)
                ended += part.filter { !existing.contains($0) }
            }
            vouching.withLock { $0.vouch(for: due, askedAt: now) }
        } catch {
            logger.debug("Sessions of live streams could not be looked up", metadata: ["error": "\(error)"])
        }
        return ended
    }

    /// The slots whose streams must end, because an ending may have been missed and could not be looked up since.
    func takeUnvouched(now: ContinuousClock.Instant) -> [Int] {
        vouching.withLock { $0.takeUnvouched(now: now) }
    }
}
