import ChatContracts
import Foundation
import HTTPTypes
import Logging
import MessageBus
import MongoStore

#if PlantedMistakes
    import ServiceKit
#endif

/// Signing in and out, on all gateways at once: the database has the truth, an event tells the others, and a cache that
/// lives for seconds bounds how long a lost event can matter.
final class Sessions: Sendable {
    private let store: any SessionStore
    let cache: SessionCache
    let lifetime: SessionLifetime
    /// Tells the other gateways.
    private let publish: @Sendable (SessionEnded) async throws -> Void
    /// Closes what hangs on the sessions in this process.
    private let onEnd: @Sendable ([SessionKey]) -> Void
    private let logger: Logger

    init(
        store: any SessionStore, cache: SessionCache, lifetime: SessionLifetime, logger: Logger,
        onEnd: @escaping @Sendable ([SessionKey]) -> Void,
        publish: @escaping @Sendable (SessionEnded) async throws -> Void
    ) {
        self.store = store
        self.cache = cache
        self.lifetime = lifetime
        self.logger = logger
        self.onEnd = onEnd
        self.publish = publish
    }

    /// Begins a session. The one that the browser had before, if any, ends: its token is worth nothing afterwards.
    func begin(for user: User, agent: String, replacing old: Session?) async throws(Problem) -> SessionToken {
        let token = SessionToken.random()
        let now = Timestamp.now
        let session = Session(
            key: token.key, user: user.id, username: user.username, agent: agent, createdAt: now, lastSeenAt: now,
            expiresAt: lifetime.expiry(created: now, lastSeen: now))
        do {
            try await store.insert(session)
        } catch {
            throw problem(error)
        }
        if let old { try await end([old.key], of: old.user) }
        return token
    }

    /// The session of a token without waiting, if it was asked for in the last seconds.
    func cached(_ key: SessionKey) -> Session? {
        cache.session(key).flatMap { $0.expiresAt > .now ? $0 : nil }
    }

    /// The session of a token; nil if there is none or it has ended.
    func find(_ key: SessionKey) async throws(Problem) -> Session? {
        if let session = cached(key) { return session }
        let epoch = cache.epoch
        do {
            guard var session = try await store.find(key), session.expiresAt > .now else {
                cache.forget(key)
                return nil
            }
            if session.lastSeenAt + lifetime.touchInterval < .now {
                session.lastSeenAt = .now
                session.expiresAt = lifetime.expiry(created: session.createdAt, lastSeen: session.lastSeenAt)
                // A use that is not noted is noted the next time.
                try? await store.touch(key, lastSeenAt: session.lastSeenAt, expiresAt: session.expiresAt)
            }
            return cache.store(session, since: epoch) ? session : nil
        } catch {
            if let session = cache.staleSession(key), session.expiresAt > .now { return session }
            throw problem(error)
        }
    }

    func list(of user: UserID) async throws(Problem) -> [Session] {
        do {
            return try await store.list(of: user).filter { $0.expiresAt > .now }
        } catch {
            throw problem(error)
        }
    }

    /// Ends sessions of a user everywhere. Answers whether any of them existed.
    @discardableResult
    func end(_ keys: [SessionKey], of user: UserID) async throws(Problem) -> Bool {
        guard !keys.isEmpty else { return false }
        let existed: Bool
        do {
            existed = try await store.remove(keys, of: user)
        } catch {
            throw problem(error)
        }
        guard existed else { return false }
        cache.end(keys)
        onEnd(keys)
        #if PlantedMistakes
            if PlantedMistake.revocationNotPublished.isMade { return true }
        #endif
        do {
            try await publish(SessionEnded(user: user, sessions: keys.map(\.description)))
        } catch {
            logger.warning(
                "Other gateways were not told that sessions ended; they notice within ten seconds",
                metadata: ["error": "\(error)", "count": "\(keys.count)"])
        }
        return true
    }

    /// Ends all sessions of a user but one.
    func endOthers(of user: UserID, except key: SessionKey) async throws(Problem) {
        // A list has an end; the sessions go on until none is found.
        while true {
            let others = try await list(of: user).map(\.key).filter { $0 != key }
            guard try await end(others, of: user) else { return }
        }
    }

    /// Another gateway ended sessions.
    func heard(_ event: SessionEnded) {
        let keys = event.sessions.compactMap { SessionKey($0) }
        cache.end(keys)
        onEnd(keys)
    }

    private func problem(_ error: MongoError) -> Problem {
        logger.notice("The session store failed", metadata: ["error": "\(error)"])
        return switch error.code {
        case .busy: Problem(.serviceUnavailable, .busy, "The server is busy; try again in a moment.", retryAfter: 1)
        default: .unavailable("The session store")
        }
    }
}
