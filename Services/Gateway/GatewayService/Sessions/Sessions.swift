import ChatContracts
import Foundation
import HTTPTypes
import Logging
import MessageBus
import MongoStore

/// Signing in and out, on all gateways at once: the database has the truth, an event tells the others, and a cache that
/// lives for seconds bounds how long a lost event can matter.
final class Sessions: Sendable {
    typealias Publish = @Sendable (SessionEnded) async throws -> Void

    private let store: any SessionStore
    let cache: SessionCache
    let lifetime: SessionLifetime
    /// Sessions that a user may have at the same time.
    let maximumPerUser: Int
    private let credentials: CredentialVersions
    /// Part of the gateway as long as it runs.
    let outdated: OutdatedSessions
    /// Tells the other gateways.
    private let publish: Publish
    /// Closes what hangs on the sessions in this process.
    private let onEnd: @Sendable ([SessionKey]) -> Void
    /// Closes what hangs in this process on sessions of a user whose credential version was raised.
    private let onOutdated: @Sendable (UserID) -> Void
    private let logger: Logger

    init(
        store: any SessionStore, cache: SessionCache, lifetime: SessionLifetime, maximumPerUser: Int,
        credentials: CredentialVersions, logger: Logger, onEnd: @escaping @Sendable ([SessionKey]) -> Void,
        onOutdated: @escaping @Sendable (UserID) -> Void,
        publish: @escaping Publish
    ) {
        self.store = store
        self.cache = cache
        self.lifetime = lifetime
        self.maximumPerUser = maximumPerUser
        self.credentials = credentials
        outdated = OutdatedSessions(store: store, logger: logger)
        self.logger = logger
        self.onEnd = onEnd
        self.onOutdated = onOutdated
        self.publish = publish
    }

    /// Begins a session. The one that the browser had before, if any, ends: its token is worth nothing afterwards. So do
    /// those that were not used for the longest time, if the user then has more than allowed.
    ///
    /// - Throws: also if the password was changed since it was checked.
    func begin(
        for account: AuthenticatedUser, agent: String, replacing old: Session?
    ) async throws(Problem) -> SessionToken {
        let user = account.user
        guard !credentials.isOutdated(account.credentialVersion, of: user.id) else { throw .passwordWasChanged }
        let token = SessionToken.random()
        let now = Timestamp.now
        let session = Session(
            key: token.key, user: user.id, username: user.username, credentialVersion: account.credentialVersion,
            agent: agent, createdAt: now, lastSeenAt: now, expiresAt: lifetime.expiry(created: now, lastSeen: now))
        do {
            try await store.insert(session)
        } catch {
            throw problem(error)
        }
        if let old { try await end([old.key], of: old.user) }
        await endSurplus(of: user.id, except: token.key)
        return token
    }

    /// What fails here is made up for by the next session.
    private func endSurplus(of user: UserID, except key: SessionKey) async {
        do {
            let surplus = try await store.surplus(of: user, keeping: maximumPerUser).filter { $0 != key }
            try await end(surplus, of: user)
        } catch {
            logger.notice("Sessions beyond the limit could not be ended", metadata: ["error": "\(error)"])
        }
    }

    /// The session of a token without waiting, if it was asked for in the last seconds and has not ended since by what is
    /// known.
    func cached(_ key: SessionKey) -> Session? { cache.session(key).flatMap(living) }

    private func living(_ session: Session) -> Session? {
        session.expiresAt > .now && !credentials.isOutdated(session.credentialVersion, of: session.user)
            ? session : nil
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
            await credentials.refresh(session.user)
            guard !credentials.isOutdated(session.credentialVersion, of: session.user) else { return refuse(session) }
            if session.lastSeenAt + lifetime.touchInterval < .now {
                session.lastSeenAt = .now
                session.expiresAt = lifetime.expiry(created: session.createdAt, lastSeen: session.lastSeenAt)
                // A use that is not noted is noted the next time.
                try? await store.touch(key, lastSeenAt: session.lastSeenAt, expiresAt: session.expiresAt)
            }
            guard cache.store(session, since: epoch) else { return nil }
            // Heard between the question and the storing.
            guard !credentials.isOutdated(session.credentialVersion, of: session.user) else { return refuse(session) }
            return session
        } catch {
            if let session = cache.staleSession(key).flatMap(living) { return session }
            throw problem(error)
        }
    }

    /// A session from before the last change of password: it has ended, and nobody has removed it yet.
    private func refuse(_ session: Session) -> Session? {
        cache.end([session.key])
        onEnd([session.key])
        outdated.remove(of: session.user, below: session.credentialVersion + 1)
        return nil
    }

    /// The sessions of a session's user, the one that was used last first; that session is always among them.
    func list(with current: Session) async throws(Problem) -> [Session] {
        let sessions = try await list(of: current.user)
        if sessions.contains(where: { $0.key == current.key }) { return sessions }
        return [current] + sessions.prefix(Session.mostPerUser - 1)
    }

    private func list(of user: UserID) async throws(Problem) -> [Session] {
        do {
            return try await store.list(of: user).filter { session in
                session.expiresAt > .now && !credentials.isOutdated(session.credentialVersion, of: user)
            }
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

    /// A password was changed: the user's sessions from before are dead from now on.
    func heard(_ change: CredentialsChanged) {
        endOutdated(change)
        outdated.remove(of: change.user, below: change.version)
    }

    /// The same for the gateway that asked for the change: returns when the sessions are gone from the database, if it can
    /// be reached. They are dead also if it cannot.
    func ended(by change: CredentialsChanged) async {
        endOutdated(change)
        await outdated.removeNow(of: change.user, below: change.version)
    }

    private func endOutdated(_ change: CredentialsChanged) {
        // First what is known, so that no look-up in progress and no stream that is just opening slips through.
        credentials.raise(change.user, to: change.version)
        _ = cache.endOutdated(of: change.user, below: change.version)
        onOutdated(change.user)
    }

    private func problem(_ error: MongoError) -> Problem {
        logger.notice("The session store failed", metadata: ["error": "\(error)"])
        return switch error.code {
        case .busy: Problem(.serviceUnavailable, .busy, "The server is busy; try again in a moment.", retryAfter: 1)
        default: .unavailable("The session store")
        }
    }
}

extension Problem {
    static let passwordWasChanged = Problem(
        Fault(.wrongCredentials, "The password was changed at this moment. Sign in with the new one."))
}
