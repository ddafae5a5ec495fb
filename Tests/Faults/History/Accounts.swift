/// Somebody wants an account.
public struct SignUpInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var username: String
    public var gateway: String

    public init(op: Int64, username: String, gateway: String) {
        self.op = op
        self.username = username
        self.gateway = gateway
    }
}

/// They have it.
public struct SignUpAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64
    /// The account's user id.
    public var user: String
    /// A name for the session that came with it. Never the token: a history is no secret.
    public var session: String

    public init(op: Int64, user: String, session: String) {
        self.op = op
        self.user = user
        self.session = session
    }
}

/// Somebody signs in with the right password.
public struct SignInInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var username: String
    public var gateway: String

    public init(op: Int64, username: String, gateway: String) {
        self.op = op
        self.username = username
        self.gateway = gateway
    }
}

/// They are signed in.
public struct SignInAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    /// A name for the new session, used by every later record of it.
    public var session: String

    public init(op: Int64, user: String, session: String) {
        self.op = op
        self.user = user
        self.session = session
    }
}

/// Sessions are to be ended: by signing out, or from another session.
public struct RevokeInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    /// The session that asks for it.
    public var session: String
    /// The sessions that are to end.
    public var sessions: [String]
    public var gateway: String

    public init(op: Int64, user: String, session: String, sessions: [String], gateway: String) {
        self.op = op
        self.user = user
        self.session = session
        self.sessions = sessions
        self.gateway = gateway
    }
}

/// The sessions have ended.
public struct RevokeAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64

    public init(op: Int64) { self.op = op }
}

/// Any other request that only a session allows.
public struct RequestInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String
    /// What was asked, such as `GET /api/v1/session`.
    public var what: String

    public init(op: Int64, user: String, session: String, gateway: String, what: String) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
        self.what = what
    }
}

/// The session was accepted.
public struct RequestAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64

    public init(op: Int64) { self.op = op }
}
