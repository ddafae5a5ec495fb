/// What lets people join a group by themselves: a link with a secret. It belongs to the group, whoever made it, and is made,
/// withdrawn and used by lines of the group.
public struct GroupInvitation: Codable, Sendable, Hashable {
    /// The number of the line that made it.
    public var id: Int64
    public var token: InvitationToken
    public var createdBy: UserID
    public var createdAt: Timestamp
    /// From this moment on nobody can use it; nil if it does not expire.
    public var expiresAt: Timestamp?
    /// How many people may use it; nil for any number.
    public var maximumUses: Int?
    /// How many people have joined by it.
    public var uses: Int

    public init(
        id: Int64, token: InvitationToken, createdBy: UserID, createdAt: Timestamp, expiresAt: Timestamp? = nil,
        maximumUses: Int? = nil, uses: Int = 0
    ) {
        self.id = id
        self.token = token
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.maximumUses = maximumUses
        self.uses = uses
    }

    /// Why nobody can use it any more; nil as long as people can.
    public func refusal(at now: Timestamp) -> Fault? {
        if hasExpired(at: now) { return Fault(.gone, "This invitation has expired. Ask for a new one.") }
        if let maximumUses, uses >= maximumUses {
            return Fault(.gone, "This invitation was used as often as it could be. Ask for a new one.")
        }
        return nil
    }

    public func hasExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }
}

/// Makes an invitation. For admins and owners. A repeat is answered with the line of the first: the token is then the one that
/// is stored, see ``ListGroupInvitations``. Faults: `invalid` (expiry, uses, too many invitations).
public struct CreateInvitation: GroupCommand {
    public static let typeName = "group.invite.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    /// Random.
    public var token: InvitationToken
    /// Seconds until it expires; nil for never.
    public var expiresIn: Int?
    public var maximumUses: Int?

    public init(
        conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, token: InvitationToken,
        expiresIn: Int? = nil, maximumUses: Int? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.token = token
        self.expiresIn = expiresIn
        self.maximumUses = maximumUses
    }

    public var concerned: [UserID] { [] }

    public var refusal: Fault? {
        if let expiresIn, !Limits.invitationSeconds.contains(expiresIn) {
            return Fault(.invalid, "An invitation can be used for 1 second to 365 days.", field: "expiresIn")
        }
        if let maximumUses, !(1...Limits.invitationUses).contains(maximumUses) {
            return Fault(
                .invalid, "An invitation can be used 1 to \(Limits.invitationUses) times.", field: "maximumUses")
        }
        return nil
    }
}

/// Withdraws an invitation; one that does not exist any more is withdrawn already. For admins and owners.
public struct RevokeInvitation: GroupCommand {
    public static let typeName = "group.revoke.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    /// Its ``GroupInvitation/id``.
    public var invitation: Int64

    public init(
        conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, invitation: Int64
    ) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.invitation = invitation
    }

    public var concerned: [UserID] { [] }
}

/// Makes the user a member of a group by an invitation; whoever is one already stays what they are. Faults: `not-found` (no
/// such group or invitation, or it was withdrawn), `gone` (expired, or used up), `forbidden` (the user was removed from the
/// group after the invitation was made), `invalid` (the group is full, or the user is in too many groups).
public struct JoinGroup: GroupCommand {
    public static let typeName = "group.join.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var token: InvitationToken

    public init(
        conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, token: InvitationToken
    ) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.token = token
    }

    public var concerned: [UserID] { [user] }
}

/// The invitations of a group that were not withdrawn, newest first. For admins and owners. Faults: `not-found` (unknown, no
/// group, or the user is not a member), `forbidden`.
public struct ListGroupInvitations: MessagesQuery {
    public static let typeName = "group.invitations.v1"
    public typealias Reply = GroupInvitations
    public var user: UserID
    public var conversation: ConversationID

    public init(user: UserID, conversation: ConversationID) {
        self.user = user
        self.conversation = conversation
    }
}

public struct GroupInvitations: Codable, Sendable, Hashable {
    public var invitations: [GroupInvitation]

    public init(invitations: [GroupInvitation]) { self.invitations = invitations }
}

/// What somebody with an invitation is told of the group before joining. Faults: those of ``JoinGroup`` that depend on the
/// invitation.
public struct ReadInvitation: MessagesQuery {
    public static let typeName = "group.invitation.v1"
    public typealias Reply = InvitationPreview
    public var user: UserID
    public var conversation: ConversationID
    public var token: InvitationToken

    public init(user: UserID, conversation: ConversationID, token: InvitationToken) {
        self.user = user
        self.conversation = conversation
        self.token = token
    }
}

public struct InvitationPreview: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    public var name: String
    /// Nil for none.
    public var about: String?
    public var memberCount: Int
    /// Whether those who join see what was written before.
    public var showsHistory: Bool
    /// Who made the invitation.
    public var createdBy: UserID
    /// Whether the user is a member already.
    public var isMember: Bool

    public init(
        conversation: ConversationID, name: String, about: String? = nil, memberCount: Int, showsHistory: Bool,
        createdBy: UserID, isMember: Bool
    ) {
        self.conversation = conversation
        self.name = name
        self.about = about
        self.memberCount = memberCount
        self.showsHistory = showsHistory
        self.createdBy = createdBy
        self.isMember = isMember
    }
}

extension Fault {
    /// The same for a group, an invitation and a secret that never existed, and for one that was withdrawn.
    public static var unknownInvitation: Fault {
        Fault(.notFound, "This invitation does not exist, or was withdrawn. Ask for a new one.", field: "invitation")
    }
}
