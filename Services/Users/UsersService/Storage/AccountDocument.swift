import ChatContracts
import MongoStore
import PasswordHashing

/// The documents of the collection `accounts`:
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 16 bytes | the account's id, most significant byte first |
/// | `n` | string | the username as its owner wrote it |
/// | `k` | string | the username in lowercase; unique |
/// | `p` | string | the display name |
/// | `b` | string | what the user says of themselves; absent for nothing |
/// | `h` | string | the password's Argon2id hash in PHC format; never leaves the service |
/// | `v` | int64 | the credential version: how often the password was set; absent counts as 1 |
/// | `d` | date | when the account was made |
/// | `f` | string | username and display name as searches compare them, one a line |
/// | `s` | array of strings | what stands at each place of `f`, at most 16 characters of it |
/// | `x` | int32 | by which rules `f` and `s` were made |
///
/// An account that was made before there were `f`, `s` and `x` gets them when the service starts.
enum AccountField {
    static let id = "_id"
    static let username = "n"
    static let key = "k"
    static let displayName = "p"
    static let about = "b"
    static let passwordHash = "h"
    static let credentialVersion = "v"
    static let createdAt = "d"
    static let folded = "f"
    static let parts = "s"
    static let folding = "x"

    /// What an ``Account`` is read from: all but what only searches need.
    static let account = BSONDocument { writer in
        for field in [folded, parts, folding] { writer.append(field, Int32(0)) }
    }

    /// What everybody may see.
    static let profile = BSONDocument { writer in
        for field in [id, username, displayName, about, createdAt] { writer.append(field, Int32(1)) }
    }
}

extension Account: BSONMappable {
    init(bson: BSONDocument) throws(BSONError) {
        let user = try User(profile: bson)
        let encoded = try bson.string(AccountField.passwordHash)
        do throws(PasswordHashingError) {
            passwordHash = try PasswordHash(encoded: encoded)
        } catch {
            throw BSONError(.unrepresentable, field: AccountField.passwordHash, message: error.message)
        }
        credentialVersion = try Self.credentialVersion(of: bson)
        id = user.id
        username = user.username
        displayName = user.displayName
        about = user.about
        createdAt = user.createdAt
    }

    func write(to writer: inout BSONWriter) {
        writer.append(AccountField.id, BSONBinary(id.bytes))
        writer.append(AccountField.username, username)
        writer.append(AccountField.key, Username.key(of: username))
        writer.append(AccountField.displayName, displayName)
        writer.append(AccountField.about, about)
        writer.append(AccountField.passwordHash, passwordHash.encoded)
        writer.append(AccountField.credentialVersion, credentialVersion)
        writer.append(AccountField.createdAt, BSONDate(createdAt.milliseconds))
        SearchKeys(username: username, displayName: displayName).write(to: &writer)
    }

    /// Reads the version where the whole account or it alone was selected.
    static func credentialVersion(of document: BSONDocument) throws(BSONError) -> Int64 {
        try document.optionalInt64(AccountField.credentialVersion) ?? 1
    }
}

extension SearchKeys {
    /// Writes the three fields that searches need.
    func write(to writer: inout BSONWriter) {
        writer.append(AccountField.folded, folded)
        writer.append(AccountField.parts, parts)
        writer.append(AccountField.folding, Self.rules)
    }
}

extension User {
    /// Reads what ``AccountField/profile`` selects.
    init(profile document: BSONDocument) throws(BSONError) {
        guard let id = UserID(bytes: try document.binary(AccountField.id)) else {
            throw BSONError(.unrepresentable, field: AccountField.id, message: "an id has 16 bytes")
        }
        self.init(
            id: id, username: try document.string(AccountField.username),
            displayName: try document.string(AccountField.displayName),
            about: try document.optionalString(AccountField.about),
            createdAt: Timestamp(milliseconds: try document.date(AccountField.createdAt)))
    }
}
