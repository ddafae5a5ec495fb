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
/// | `h` | string | the password's Argon2id hash in PHC format; never leaves the service |
/// | `d` | date | when the account was made |
enum AccountField {
    static let id = "_id"
    static let username = "n"
    static let key = "k"
    static let displayName = "p"
    static let passwordHash = "h"
    static let createdAt = "d"

    /// What everybody may see.
    static let profile = BSONDocument { writer in
        for field in [id, username, displayName, createdAt] { writer.append(field, Int32(1)) }
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
        id = user.id
        username = user.username
        displayName = user.displayName
        createdAt = user.createdAt
    }

    func write(to writer: inout BSONWriter) {
        writer.append(AccountField.id, BSONBinary(id.bytes))
        writer.append(AccountField.username, username)
        writer.append(AccountField.key, Username.key(of: username))
        writer.append(AccountField.displayName, displayName)
        writer.append(AccountField.passwordHash, passwordHash.encoded)
        writer.append(AccountField.createdAt, BSONDate(createdAt.milliseconds))
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
            createdAt: Timestamp(milliseconds: try document.date(AccountField.createdAt)))
    }
}
