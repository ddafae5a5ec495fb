/// What a member of a group may do; each may do what those before it may. The table is in `docs/groups.md`.
public enum GroupRole: String, Codable, Sendable, Hashable, Comparable, CaseIterable {
    case member
    case admin
    case owner

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .member: 0
        case .admin: 1
        case .owner: 2
        }
    }
}

/// What a group is, as one of its members sees it.
public struct GroupInfo: Codable, Sendable, Hashable {
    /// 1 to ``Limits/groupNameCharacters`` characters on one line.
    public var name: String
    /// At most ``Limits/groupAboutCharacters`` characters; nil for none.
    public var about: String?
    /// Whether those who are added from now on see what was written before.
    public var showsHistory: Bool
    /// How many members it has, 1 to ``Limits/groupMembers``.
    public var memberCount: Int
    /// The number of the last change of its members or their roles.
    public var version: Int64
    /// The role of the member whose view it is.
    public var role: GroupRole
    /// The lowest `seq` that this member sees; 0 if everything.
    public var historyFrom: Int64

    public init(
        name: String, about: String? = nil, showsHistory: Bool, memberCount: Int, version: Int64, role: GroupRole,
        historyFrom: Int64
    ) {
        self.name = name
        self.about = about
        self.showsHistory = showsHistory
        self.memberCount = memberCount
        self.version = version
        self.role = role
        self.historyFrom = historyFrom
    }
}

/// What a line about the group itself tells. Who did it is the sender of the line; pages word it in the language of their
/// reader.
public struct GroupLine: Sendable, Hashable {
    public enum Kind: String, Codable, Sendable {
        /// The sender made the group, with these people.
        case created
        /// The sender added these people.
        case added
        /// The sender left.
        case left
        /// The sender removed somebody.
        case removed
        /// The sender gave somebody a role.
        case role
        /// The sender changed the name, the description or what new members see.
        case changed
        /// The sender made an invitation.
        case invited
        /// The sender withdrew an invitation.
        case revoked
        /// The sender joined by an invitation.
        case joined
    }

    public var kind: Kind
    /// Whom it is about. JSON names the first ``Limits/namedUsers`` of them only.
    public var users: [UserID]
    /// How many it is about; more than ``users`` where JSON was read.
    public var userCount: Int
    /// With `role`: the role that somebody has from now on.
    public var role: GroupRole?
    /// With `role`, `removed` and `left`: the role before. Never in JSON.
    public var formerRole: GroupRole?
    /// With `created` and `changed`: the name from now on, if it was given.
    public var name: String?
    /// With `created` and `changed`: the description from now on, if it was given; empty for none. JSON only tells that it
    /// was given.
    public var about: String?
    /// Whether the description was given.
    public var hasAbout: Bool
    /// Whether new members see what was written before: with `created`, with `added` and `joined` for the new members, and
    /// with `changed` if it was given.
    public var showsHistory: Bool?
    /// With `invited`, `revoked` and `joined`: the invitation. Never in JSON.
    public var invitation: Invitation?

    /// What a line stores of an invitation.
    public struct Invitation: Sendable, Hashable {
        /// ``GroupInvitation/id``; nil with `invited`, because it is the number of that line.
        public var id: Int64?
        /// With `invited` and `revoked`.
        public var token: InvitationToken?
        /// With `invited`, as ``maximumUses``.
        public var expiresAt: Timestamp?
        public var maximumUses: Int?

        public init(
            id: Int64? = nil, token: InvitationToken? = nil, expiresAt: Timestamp? = nil, maximumUses: Int? = nil
        ) {
            self.id = id
            self.token = token
            self.expiresAt = expiresAt
            self.maximumUses = maximumUses
        }
    }

    public init(
        _ kind: Kind, users: [UserID] = [], role: GroupRole? = nil, formerRole: GroupRole? = nil, name: String? = nil,
        about: String? = nil, showsHistory: Bool? = nil, invitation: Invitation? = nil
    ) {
        self.kind = kind
        self.users = users
        userCount = users.count
        self.role = role
        self.formerRole = formerRole
        self.name = name
        self.about = about
        hasAbout = about != nil
        self.showsHistory = showsHistory
        self.invitation = invitation
    }

    /// The users that JSON names.
    public var named: ArraySlice<UserID> { users.prefix(Limits.namedUsers) }
}

extension GroupLine: Codable {
    private enum Key: String, CodingKey {
        case type, users, count, role, name, about, showsHistory
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        self.init(
            try fields.decode(Kind.self, forKey: .type),
            users: try fields.decodeIfPresent([UserID].self, forKey: .users) ?? [],
            role: try fields.decodeIfPresent(GroupRole.self, forKey: .role),
            name: try fields.decodeIfPresent(String.self, forKey: .name),
            showsHistory: try fields.decodeIfPresent(Bool.self, forKey: .showsHistory))
        userCount = try fields.decodeIfPresent(Int.self, forKey: .count) ?? users.count
        hasAbout = try fields.decodeIfPresent(Bool.self, forKey: .about) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(kind, forKey: .type)
        if !users.isEmpty {
            try fields.encode(Array(named), forKey: .users)
            try fields.encode(userCount, forKey: .count)
        }
        try fields.encodeIfPresent(role, forKey: .role)
        try fields.encodeIfPresent(name, forKey: .name)
        if hasAbout { try fields.encode(true, forKey: .about) }
        try fields.encodeIfPresent(showsHistory, forKey: .showsHistory)
    }
}

/// Whom an event about a group concerns. It names the group and not its members, which every gateway knows or asks for.
public struct GroupAudience: Sendable, Hashable {
    public var conversation: ConversationID
    /// The number of the last change of the members before the event: nobody gets it by an older list.
    public var version: Int64
    /// Only members whose ``GroupInfo/historyFrom`` is in it.
    public var historyFrom: ClosedRange<Int64>

    public init(conversation: ConversationID, version: Int64, historyFrom: ClosedRange<Int64> = 0...Int64.max) {
        self.conversation = conversation
        self.version = version
        self.historyFrom = historyFrom
    }
}

/// A group's members at a version, for a gateway that delivers events. Not for people: no asker is checked. Faults:
/// `not-found`.
public struct ReadGroupAudience: MessagesQuery {
    public static let typeName = "group.audience.v1"
    public typealias Reply = GroupMembersList
    public var conversation: ConversationID

    public init(conversation: ConversationID) { self.conversation = conversation }
}

public struct GroupMembersList: Codable, Sendable, Hashable {
    /// The number of the last change of the members that this list surely reflects.
    public var version: Int64
    public var members: [Member]

    public init(version: Int64, members: [Member]) {
        self.version = version
        self.members = members
    }

    public struct Member: Codable, Sendable, Hashable {
        public var user: UserID
        /// See ``GroupInfo/historyFrom``.
        public var historyFrom: Int64

        public init(user: UserID, historyFrom: Int64) {
            self.user = user
            self.historyFrom = historyFrom
        }
    }
}

/// The members of a group, in the order of their ids. Faults: `not-found` (unknown, no group, or the user is not a member),
/// `invalid` (limit).
public struct ListGroupMembers: MessagesQuery {
    public static let typeName = "group.members.v1"
    public typealias Reply = GroupMemberPage
    public var user: UserID
    public var conversation: ConversationID
    /// Only members with a higher id: from ``GroupMemberPage/next``.
    public var after: UserID?
    /// 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(user: UserID, conversation: ConversationID, after: UserID? = nil, limit: Int = Limits.pageSize) {
        self.user = user
        self.conversation = conversation
        self.after = after
        self.limit = limit
    }
}

public struct GroupMemberPage: Codable, Sendable, Hashable {
    /// Whoever is a member all the time is on exactly one page, whatever changes while the pages are read.
    public var members: [Member]
    /// What to give as `after` for the next page; nil on the last.
    public var next: UserID?

    public init(members: [Member], next: UserID? = nil) {
        self.members = members
        self.next = next
    }

    public struct Member: Codable, Sendable, Hashable {
        public var user: UserID
        public var role: GroupRole
        /// When they became a member last.
        public var since: Timestamp

        public init(user: UserID, role: GroupRole, since: Timestamp) {
            self.user = user
            self.role = role
            self.since = since
        }
    }
}
