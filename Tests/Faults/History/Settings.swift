/// A member pins, mutes or archives a conversation, or takes that back.
public struct SettingsInvoked: Codable, Sendable, Hashable {
    public var op: Int64
    public var user: String
    public var session: String
    public var gateway: String
    public var conversation: String
    /// The version that the request named.
    public var version: Int64

    public init(op: Int64, user: String, session: String, gateway: String, conversation: String, version: Int64) {
        self.op = op
        self.user = user
        self.session = session
        self.gateway = gateway
        self.conversation = conversation
        self.version = version
    }
}

/// What holds from then on, unless it is chosen again.
public struct SettingsAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64
    public var settings: SeenSettings

    public init(op: Int64, settings: SeenSettings) {
        self.op = op
        self.settings = settings
    }
}

/// What a member has chosen for a conversation, as an answer or the database says it.
public struct SeenSettings: Codable, Sendable, Hashable {
    public var version: Int64
    /// Milliseconds since 1970; absent if it is not pinned.
    public var pinnedAt: Int64?
    public var isMuted: Bool
    /// The highest seq at which it was archived; absent if it is not.
    public var archivedThrough: Int64?

    public init(version: Int64, pinnedAt: Int64? = nil, isMuted: Bool = false, archivedThrough: Int64? = nil) {
        self.version = version
        self.pinnedAt = pinnedAt
        self.isMuted = isMuted
        self.archivedThrough = archivedThrough
    }
}
