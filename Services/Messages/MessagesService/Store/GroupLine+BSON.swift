import ChatContracts
import MongoStore

/// The document `g` of a line about a group: everything that the line changes, so that whoever comes next can finish it.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `k` | string | the kind |
/// | `u` | array | the user ids of those whom it is about; absent if nobody |
/// | `o` | string | the role that somebody has from now on |
/// | `w` | string | the role before |
/// | `n` | string | the name from now on |
/// | `a` | string | the description from now on, empty for none |
/// | `h` | boolean | whether new members see what was written before |
/// | `i` | document | the invitation: the number of the line that made it (`q`), or its token (`k`), expiry (`e`, date) and most |
/// | | | uses (`m`); what does not apply is absent |
enum LineField {
    static let kind = "k"
    static let users = "u"
    static let role = "o"
    static let formerRole = "w"
    static let name = "n"
    static let about = "a"
    static let showsHistory = "h"
    static let invitation = "i"
}

extension GroupLine {
    init(bson: BSONDocument) throws(BSONError) {
        guard let kind = Kind(rawValue: try bson.string(LineField.kind)) else {
            throw BSONError(.unrepresentable, field: LineField.kind, message: "the kind of a line is not known")
        }
        self.init(
            kind, users: bson.has(LineField.users) ? try bson.identifiers(LineField.users, of: UserKind.self) : [],
            role: try bson.optionalRole(LineField.role), formerRole: try bson.optionalRole(LineField.formerRole),
            name: try bson.optionalString(LineField.name), about: try bson.optionalString(LineField.about),
            showsHistory: try bson.optionalBool(LineField.showsHistory),
            invitation: try bson.optionalDocument(LineField.invitation).map(Invitation.init(bson:)))
    }

    func write(to writer: inout BSONWriter) {
        writer.append(LineField.kind, kind.rawValue)
        if !users.isEmpty { writer.append(LineField.users, users.map { BSONBinary($0.bytes) }) }
        writer.append(LineField.role, role?.rawValue)
        writer.append(LineField.formerRole, formerRole?.rawValue)
        writer.append(LineField.name, name)
        writer.append(LineField.about, about)
        if let showsHistory { writer.append(LineField.showsHistory, showsHistory) }
        if let invitation { writer.document(LineField.invitation) { invitation.write(to: &$0) } }
    }
}

extension BSONDocument {
    func identifiers<Kind>(_ key: String, of kind: Kind.Type) throws(BSONError) -> [Identifier<Kind>] {
        var identifiers: [Identifier<Kind>] = []
        for bytes in try binaries(key) {
            guard let identifier = Identifier<Kind>(bytes: bytes) else {
                throw BSONError(.unrepresentable, field: key, message: "an identifier has 16 bytes")
            }
            identifiers.append(identifier)
        }
        return identifiers
    }

    func optionalRole(_ key: String) throws(BSONError) -> GroupRole? {
        guard let text = try optionalString(key) else { return nil }
        guard let role = GroupRole(rawValue: text) else {
            throw BSONError(.unrepresentable, field: key, message: "the role is not known")
        }
        return role
    }
}
