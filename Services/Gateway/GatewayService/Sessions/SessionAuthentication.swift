import ChatContracts
import HTTPTypes

/// Finds out who asks, from the session cookie. It refuses nobody: what needs a session asks the context for it.
struct SessionAuthentication: Sendable {
    enum Identity: Sendable {
        case known(GatewayContext.Authentication)
        /// Nobody has asked for this session in the last seconds.
        case needsLookUp(SessionKey)
    }

    let cookie: SessionCookie
    let sessions: Sessions

    /// Who asks, if that is known without waiting.
    func identify(_ headers: HTTPFields) -> Identity {
        guard let key = cookie.token(in: headers)?.key else { return .known(.anonymous) }
        guard let session = sessions.cached(key) else { return .needsLookUp(key) }
        return .known(Self.authentication(session, headers))
    }

    /// Who asks with this session, which is looked up.
    func lookUp(_ key: SessionKey, _ headers: HTTPFields) async -> GatewayContext.Authentication {
        do {
            return try await sessions.find(key).map { Self.authentication($0, headers) } ?? .anonymous
        } catch {
            return .unknown
        }
    }

    /// A page that was loaded before somebody else signed in on this browser must not act as that other person.
    private static func authentication(_ session: Session, _ headers: HTTPFields) -> GatewayContext.Authentication {
        let isMeant = headers[.martletUser].map { $0 == session.user.description } ?? true
        return isMeant ? .session(session) : .anonymous
    }
}

extension HTTPField.Name {
    /// The id of the user that a page belongs to.
    fileprivate static let martletUser = HTTPField.Name("X-Martlet-User")!
}
