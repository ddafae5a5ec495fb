/// A command that changes what a group is or who is in it. It becomes a line of the conversation with a number; a repeat is
/// answered with that line. Faults of all: `not-found` (unknown, no group, or the user is not a member), `forbidden` (the
/// user's role does not allow it).
public protocol GroupCommand: ConversationCommand where Reply == GroupChanged {
    var user: UserID { get }
    /// Chosen by the client, once for each command, and repeated with every retry.
    var clientMessageId: ClientMessageID { get }
    /// Whose memberships decide about it, beside that of a user who is a member.
    var concerned: [UserID] { get }
}

/// What a group is after a command; the reply to all of them.
public struct GroupChanged: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    /// Nil if the user is no member any more.
    public var group: GroupInfo?
    /// The line that tells of it; nil if nothing had to be changed.
    public var line: Message?

    public init(conversation: ConversationID, group: GroupInfo?, line: Message?) {
        self.conversation = conversation
        self.group = group
        self.line = line
    }
}

/// Makes a group. Its id follows from the user and ``clientMessageId``, so that a repeat finds the same group and nobody
/// can aim at another one. Faults: `invalid` (name, description, members).
///
/// Members who take nothing from the user, because they have blocked them, refuse the command.
///
/// That the members are accounts is for the caller to have checked with the users service.
public struct CreateGroup: GroupCommand {
    public static let typeName = "group.create.v1"
    public typealias Reply = GroupChanged
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var name: String
    public var about: String?
    public var showsHistory: Bool
    /// The others; the user is the owner.
    public var members: [UserID]

    public init(
        user: UserID, clientMessageId: ClientMessageID, name: String, about: String? = nil, showsHistory: Bool = false,
        members: [UserID]
    ) {
        self.user = user
        self.clientMessageId = clientMessageId
        self.name = name
        self.about = about
        self.showsHistory = showsHistory
        self.members = members
    }

    public var conversation: ConversationID { .group(of: user, id: clientMessageId) }
    public var concerned: [UserID] { members + [user] }

    public var refusal: Fault? {
        GroupText.refusal(ofName: name) ?? about.flatMap(GroupText.refusal(ofAbout:))
            ?? (Set(members).subtracting([user]).count >= Limits.groupMembers ? .tooManyMembers : nil)
    }
}

/// Adds people to a group. Those who are members already stay what they are. For admins and owners. Faults: `invalid` (no
/// members, too many, or somebody who takes nothing from the user).
public struct AddGroupMembers: GroupCommand {
    public static let typeName = "group.add.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var members: [UserID]

    public init(conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, members: [UserID]) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.members = members
    }

    public var concerned: [UserID] { members }

    public var refusal: Fault? {
        if members.isEmpty { return Fault(.invalid, "Name somebody to add.", field: "members") }
        return members.count > Limits.groupMembers ? .tooManyMembers : nil
    }
}

/// Takes somebody out of a group: from the reply on they learn nothing more of it. Oneself: everybody, but for the last
/// owner of a group with others in it (`last-owner`). Others: admins, and for admins and owners only owners.
public struct RemoveGroupMember: GroupCommand {
    public static let typeName = "group.remove.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var member: UserID

    public init(conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, member: UserID) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.member = member
    }

    public var concerned: [UserID] { [member] }
}

/// Gives a member a role. For owners, and `last-owner` if the group would have none. Faults: `not-found` (field `member`: no
/// member of the group).
public struct SetGroupRole: GroupCommand {
    public static let typeName = "group.role.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var member: UserID
    public var role: GroupRole

    public init(
        conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, member: UserID, role: GroupRole
    ) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.member = member
        self.role = role
    }

    public var concerned: [UserID] { [member] }
}

/// Changes the name, the description, or what new members see; what is nil stays. For admins and owners. Faults: `invalid`.
public struct ChangeGroup: GroupCommand {
    public static let typeName = "group.change.v1"
    public typealias Reply = GroupChanged
    public var conversation: ConversationID
    public var user: UserID
    public var clientMessageId: ClientMessageID
    public var name: String?
    /// Empty for none.
    public var about: String?
    public var showsHistory: Bool?

    public init(
        conversation: ConversationID, user: UserID, clientMessageId: ClientMessageID, name: String? = nil,
        about: String? = nil, showsHistory: Bool? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.clientMessageId = clientMessageId
        self.name = name
        self.about = about
        self.showsHistory = showsHistory
    }

    public var concerned: [UserID] { [] }

    public var refusal: Fault? {
        if name == nil, about == nil, showsHistory == nil {
            return Fault(.invalid, "Give name, about or showsHistory.", field: "name")
        }
        return name.flatMap(GroupText.refusal(ofName:)) ?? about.flatMap(GroupText.refusal(ofAbout:))
    }
}

extension Fault {
    public static var tooManyMembers: Fault {
        Fault(.invalid, "A group has at most \(Limits.groupMembers) members.", field: "members")
    }
}
