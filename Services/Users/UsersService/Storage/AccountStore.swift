import ChatContracts
import MongoStore
import PasswordHashing

/// The accounts in the service's own database. Writes count when a majority has them in its journals, and reads see
/// only what a majority has, unless stated otherwise.
struct AccountStore: Sendable {
    private let accounts: MongoCollection

    init(database: MongoDatabase) {
        accounts = database.collection("accounts")
    }

    /// Makes the indexes. Nothing may be stored before: the unique index is what keeps usernames apart.
    func createIndexes() async throws(MongoError) {
        try await accounts.createIndexes([
            MongoIndex(name: "username", ascending: [AccountField.key], unique: true)
        ])
    }

    // MARK: One account

    func account(id: UserID) async throws(MongoError) -> Account? {
        try await accounts.findOne(Self.filter(id), as: Account.self)
    }

    /// - Parameter key: the username in lowercase.
    func account(key: String) async throws(MongoError) -> Account? {
        try await accounts.findOne(BSONDocument { $0.append(AccountField.key, key) }, as: Account.self)
    }

    /// Who has a username as of now, even if the account is not in the hands of a majority yet.
    func owner(key: String) async throws(MongoError) -> UserID? {
        let document = try await accounts.findOne(
            BSONDocument { $0.append(AccountField.key, key) },
            projection: BSONDocument { $0.append(AccountField.id, Int32(1)) }, readConcern: .local)
        guard let document else { return nil }
        do throws(BSONError) {
            return UserID(bytes: try document.binary(AccountField.id))
        } catch {
            throw Self.unreadable(error)
        }
    }

    /// Stores a new account.
    ///
    /// - Returns: false if its id or its username is in use.
    func insert(_ account: Account) async throws(MongoError) -> Bool {
        do throws(MongoError) {
            try await accounts.insert(account)
            return true
        } catch {
            guard error.code == .duplicateKey else { throw error }
            return false
        }
    }

    /// - Returns: the account as it is afterwards; nil if there is none.
    func setDisplayName(_ name: DisplayName, of id: UserID) async throws(MongoError) -> User? {
        let document = try await accounts.findAndModify(
            Self.filter(id), .update(.operators(Self.set(AccountField.displayName, name.text))),
            projection: AccountField.profile)
        return try document.map(Self.user)
    }

    /// Replaces a password's hash if it is still `old`.
    ///
    /// - Returns: false if it is not, because another change came first, or the account is gone.
    func replacePasswordHash(
        of id: UserID, old: PasswordHash, with new: PasswordHash
    ) async throws(MongoError) -> Bool {
        let filter = BSONDocument { writer in
            writer.append(AccountField.id, BSONBinary(id.bytes))
            writer.append(AccountField.passwordHash, old.encoded)
        }
        let result = try await accounts.update(filter, update: Self.set(AccountField.passwordHash, new.encoded))
        return result.matched > 0
    }

    // MARK: Many accounts

    /// Those of the given ids and lowercase usernames that exist, each once, in no particular order.
    func users(ids: [UserID], keys: [String]) async throws(MongoError) -> [User] {
        let filter: BSONDocument
        let byID = BSONDocument { writer in
            writer.document(AccountField.id) { $0.append("$in", ids.map { BSONBinary($0.bytes) }) }
        }
        let byKey = BSONDocument { writer in
            writer.document(AccountField.key) { $0.append("$in", keys) }
        }
        switch (ids.isEmpty, keys.isEmpty) {
        case (true, true): return []
        case (false, true): filter = byID
        case (true, false): filter = byKey
        case (false, false): filter = BSONDocument { $0.append("$or", [byID, byKey]) }
        }
        let documents = try await accounts.find(
            filter, projection: AccountField.profile, limit: ids.count + keys.count)
        return try Self.users(documents)
    }

    /// Those of a range, in the order of their lowercase usernames.
    func users(in range: UsernameRange, limit: Int) async throws(MongoError) -> [User] {
        let filter = BSONDocument { writer in
            guard range.lower != nil || range.upper != nil else { return }
            writer.document(AccountField.key) { bounds in
                switch range.lower {
                case .from(let key): bounds.append("$gte", key)
                case .after(let key): bounds.append("$gt", key)
                case nil: break
                }
                bounds.append("$lt", range.upper)
            }
        }
        let documents = try await accounts.find(
            filter, sort: BSONDocument { $0.append(AccountField.key, Int32(1)) }, projection: AccountField.profile,
            limit: limit)
        return try Self.users(documents)
    }

    // MARK: Documents

    private static func filter(_ id: UserID) -> BSONDocument {
        BSONDocument { $0.append(AccountField.id, BSONBinary(id.bytes)) }
    }

    private static func set(_ field: String, _ value: String) -> BSONDocument {
        BSONDocument { writer in
            writer.document("$set") { $0.append(field, value) }
        }
    }

    private static func users(_ documents: [BSONDocument]) throws(MongoError) -> [User] {
        var users: [User] = []
        users.reserveCapacity(documents.count)
        for document in documents { users.append(try user(document)) }
        return users
    }

    private static func user(_ document: BSONDocument) throws(MongoError) -> User {
        do throws(BSONError) {
            return try User(profile: document)
        } catch {
            throw unreadable(error)
        }
    }

    private static func unreadable(_ error: BSONError) -> MongoError {
        MongoError(.invalidDocument, message: "an account cannot be read: \(error)")
    }
}
