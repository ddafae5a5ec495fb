import ChatContracts
import MongoStore

/// Invitations, in the lines that make, withdraw and use them, and in the array `i` of a group's document:
///
/// | field | type | meaning |
/// |---|---|---|
/// | `q` | int64 | the number of the line that made it |
/// | `k` | binary, 16 bytes | the token, most significant byte first |
/// | `e` | date | when it expires; absent for never |
/// | `m` | int64 | how often it may be used; absent for any number |
/// | `b` | binary, 16 bytes | in a group's document: who made it |
/// | `d` | date | in a group's document: when |
/// | `c` | int64 | in a group's document: how often it was used |
enum InvitationField {
    static let id = "q"
    static let token = "k"
    static let expiresAt = "e"
    static let maximumUses = "m"
    static let createdBy = "b"
    static let createdAt = "d"
    static let uses = "c"
}

extension GroupLine.Invitation {
    init(bson: BSONDocument) throws(BSONError) {
        self.init(
            id: try bson.optionalCounter(InvitationField.id),
            token: bson.has(InvitationField.token)
                ? try bson.identifier(InvitationField.token, of: InvitationKind.self) : nil,
            expiresAt: try bson.optionalDate(InvitationField.expiresAt).map { Timestamp(milliseconds: $0) },
            maximumUses: try bson.optionalCounter(InvitationField.maximumUses).map { Int($0) })
    }

    func write(to writer: inout BSONWriter) {
        if let id { writer.append(InvitationField.id, id) }
        if let token { writer.append(InvitationField.token, BSONBinary(token.bytes)) }
        if let expiresAt { writer.append(InvitationField.expiresAt, BSONDate(expiresAt.milliseconds)) }
        if let maximumUses { writer.append(InvitationField.maximumUses, Int64(maximumUses)) }
    }
}

extension GroupInvitation {
    init(bson: BSONDocument) throws(BSONError) {
        let told = try GroupLine.Invitation(bson: bson)
        self.init(
            id: try bson.counter(InvitationField.id),
            token: try bson.identifier(InvitationField.token, of: InvitationKind.self),
            createdBy: try bson.identifier(InvitationField.createdBy, of: UserKind.self),
            createdAt: Timestamp(milliseconds: try bson.date(InvitationField.createdAt)), expiresAt: told.expiresAt,
            maximumUses: told.maximumUses, uses: Int(try bson.counter(InvitationField.uses)))
    }

    func write(to writer: inout BSONWriter) {
        GroupLine.Invitation(id: id, token: token, expiresAt: expiresAt, maximumUses: maximumUses).write(to: &writer)
        writer.append(InvitationField.createdBy, BSONBinary(createdBy.bytes))
        writer.append(InvitationField.createdAt, BSONDate(createdAt.milliseconds))
        writer.append(InvitationField.uses, Int64(uses))
    }
}
