import ChatContracts
import MongoStore

/// The documents of the collection `memberships`: one for each user and group that the user is or was a member of. A message
/// changes none of them.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 32 bytes | the conversation's id and the user's, both most significant byte first |
/// | `c` | binary, 16 bytes | the conversation's id |
/// | `u` | binary, 16 bytes | the user's id |
/// | `o` | string | the role; absent once the user is no member any more |
/// | `v` | int64 | the number of the line that changed it last |
/// | `b` | int64 | the lowest `seq` that the member sees; 0 for everything |
/// | `d` | date | when the user became a member last |
/// | `x` | int64 | the number of the line that removed the user; 0 or absent for whoever was not removed, or has come back |
/// | `f` | int64 | the highest number that one of the member's devices has received |
/// | `r` | int64 | the highest number that the member has read |
/// | `m`, `t`, `g` | | as of a member of a direct conversation, see ``ConversationField`` |
enum MembershipField {
    static let id = "_id"
    static let conversation = "c"
    static let user = "u"
    static let role = "o"
    static let version = "v"
    static let historyFrom = "b"
    static let since = "d"
    static let removedAt = "x"
    static let received = ConversationField.received
    static let read = ConversationField.read
    static let unreadMarks = ConversationField.unreadMarks
    static let readBeforeMarks = ConversationField.readBeforeMarks
    static let settings = ConversationField.settings
}

/// What is stored of a user in a group.
struct MembershipDocument: BSONMappable, Equatable {
    var conversation: ConversationID
    var member: ConversationState.Member
    /// The number of the line that changed it last.
    var version: Int64

    init(bson: BSONDocument) throws(BSONError) {
        conversation = try bson.identifier(MembershipField.conversation, of: ConversationKind.self)
        version = try bson.counter(MembershipField.version)
        var group: GroupMembership?
        if let role = try bson.optionalRole(MembershipField.role) {
            group = GroupMembership(
                role: role, historyFrom: try bson.counter(MembershipField.historyFrom),
                since: Timestamp(milliseconds: try bson.date(MembershipField.since)))
        }
        member = ConversationState.Member(
            user: try bson.identifier(MembershipField.user, of: UserKind.self),
            positions: MemberPositions(
                received: try bson.counter(MembershipField.received), read: try bson.counter(MembershipField.read),
                unreadMarks: try bson.optionalCounter(MembershipField.unreadMarks) ?? 0,
                readBeforeMarks: try bson.optionalCounter(MembershipField.readBeforeMarks) ?? 0),
            settings: try bson.optionalDocument(MembershipField.settings).map(MemberSettings.init(bson:))
                ?? MemberSettings(),
            group: group)
        member.removedAt = try bson.optionalCounter(MembershipField.removedAt).flatMap { $0 == 0 ? nil : $0 }
    }

    func write(to writer: inout BSONWriter) {
        writer.append(MembershipField.id, BSONBinary(Self.id(conversation, member.user)))
        writer.append(MembershipField.conversation, BSONBinary(conversation.bytes))
        writer.append(MembershipField.user, BSONBinary(member.user.bytes))
        writer.append(MembershipField.role, member.group?.role.rawValue)
        writer.append(MembershipField.version, version)
        writer.append(MembershipField.historyFrom, member.group?.historyFrom ?? 0)
        writer.append(MembershipField.since, BSONDate(member.group?.since.milliseconds ?? 0))
        if let removedAt = member.removedAt { writer.append(MembershipField.removedAt, removedAt) }
        writer.append(MembershipField.received, member.positions.received)
        writer.append(MembershipField.read, member.positions.read)
    }

    static func id(_ conversation: ConversationID, _ user: UserID) -> [UInt8] { conversation.bytes + user.bytes }

    static func id(_ membership: Membership) -> BSONBinary { BSONBinary(id(membership.conversation, membership.user)) }
}
