import ChatContracts

/// One signed-in browser.
struct Session: Sendable, Equatable {
    var key: SessionKey
    var user: UserID
    /// As at sign-in; for pages while the users service is away.
    var username: String
    /// How often the account's password was set when this session was opened with it. A session with a lower version than
    /// the account's has ended.
    var credentialVersion: Int64
    /// The browser in words, such as "Firefox on Linux".
    var agent: String
    var createdAt: Timestamp
    /// Only exact to a few minutes.
    var lastSeenAt: Timestamp
    /// From then on it counts as ended, whether or not the database has removed it.
    var expiresAt: Timestamp
}

extension Session {
    /// The most that a user may be allowed; lists are never longer.
    static let mostPerUser = 200
}

/// How long sessions live.
struct SessionLifetime: Sendable {
    /// Without any request.
    var idle: Duration = .seconds(7 * 86_400)
    /// At most, however busy.
    var absolute: Duration = .seconds(30 * 86_400)
    /// A use is written down if the last one written is older than this.
    var touchInterval: Duration = .seconds(300)

    func expiry(created: Timestamp, lastSeen: Timestamp) -> Timestamp {
        min(created + absolute, lastSeen + idle)
    }
}

extension Timestamp {
    static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + duration.wholeMilliseconds)
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
