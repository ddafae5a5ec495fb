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
            MongoIndex(name: "username", ascending: [AccountField.key], unique: true),
            MongoIndex(name: "parts", ascending: [AccountField.parts]),
        ])
    }

    // MARK: One account

    func account(id: UserID) async throws(MongoError) -> Account? {
        try await accounts.findOne(Self.filter(id), as: Account.self, projection: AccountField.account)
    }

    /// - Parameter key: the username in lowercase.
    func account(key: String) async throws(MongoError) -> Account? {
        try await accounts.findOne(
            BSONDocument { $0.append(AccountField.key, key) }, as: Account.self, projection: AccountField.account)
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

    /// Sets what is given, and leaves the rest as it is.
    ///
    /// - Returns: the account as it is afterwards; nil if there is none.
    func setProfile(displayName: DisplayName?, about: About?, of id: UserID) async throws(MongoError) -> User? {
        // A username never changes, so it may be read before.
        guard let account = try await account(id: id) else { return nil }
        guard displayName != nil || about != nil else { return account.user }
        let update = BSONDocument { writer in
            if displayName != nil || about?.text.isEmpty == false {
                writer.document("$set") { set in
                    if let displayName {
                        set.append(AccountField.displayName, displayName.text)
                        SearchKeys(username: account.username, displayName: displayName.text).write(to: &set)
                    }
                    if let about, !about.text.isEmpty { set.append(AccountField.about, about.text) }
                }
            }
            if about?.text.isEmpty == true { writer.document("$unset") { $0.append(AccountField.about, Int32(1)) } }
        }
        let document = try await accounts.findAndModify(
            Self.filter(id), .update(.operators(update)), projection: AccountField.profile)
        return try document.map(Self.user)
    }

    /// Replaces the hash of an account's password by one of the same password at another cost, if it is still the one
    /// that was read.
    ///
    /// - Returns: false if it is not, because another change came first, or the account is gone.
    func renewPasswordHash(of account: Account, with new: PasswordHash) async throws(MongoError) -> Bool {
        try await replacePasswordHash(of: account, with: new, version: account.credentialVersion)
    }

    /// Replaces an account's password and raises its credential version, if the hash is still the one that was read.
    ///
    /// - Returns: the new version; nil if another change came first, or the account is gone.
    func changePassword(of account: Account, to new: PasswordHash) async throws(MongoError) -> Int64? {
        let version = account.credentialVersion + 1
        return try await replacePasswordHash(of: account, with: new, version: version) ? version : nil
    }

    private func replacePasswordHash(
        of account: Account, with new: PasswordHash, version: Int64
    ) async throws(MongoError) -> Bool {
        // The version only changes together with the hash, whose salt is random: the same hash means the same version.
        let filter = BSONDocument { writer in
            writer.append(AccountField.id, BSONBinary(account.id.bytes))
            writer.append(AccountField.passwordHash, account.passwordHash.encoded)
        }
        let update = BSONDocument { writer in
            writer.document("$set") { set in
                set.append(AccountField.passwordHash, new.encoded)
                set.append(AccountField.credentialVersion, version)
            }
        }
        return try await accounts.update(filter, update: update).matched > 0
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

    /// The present credential versions of those of the accounts that have one above the first, which few have.
    func credentialVersions(of ids: [UserID]) async throws(MongoError) -> [UserID: Int64] {
        guard !ids.isEmpty else { return [:] }
        let filter = BSONDocument { writer in
            writer.document(AccountField.id) { $0.append("$in", ids.map { BSONBinary($0.bytes) }) }
            writer.document(AccountField.credentialVersion) { $0.append("$gt", Int64(1)) }
        }
        let documents = try await accounts.find(
            filter, projection: BSONDocument { $0.append(AccountField.credentialVersion, Int32(1)) },
            limit: ids.count, maxTime: .seconds(1))
        var versions: [UserID: Int64] = [:]
        do throws(BSONError) {
            for document in documents {
                guard let id = UserID(bytes: try document.binary(AccountField.id)) else { continue }
                versions[id] = try Account.credentialVersion(of: document)
            }
        } catch {
            throw Self.unreadable(error)
        }
        return versions
    }

    // MARK: Searching

    /// How long the database may look for people before a search is given up.
    private static let searchTime: Duration = .milliseconds(500)

    /// Accounts with the text at any place of their username or display name, in the order of the index.
    func users(matching search: SearchText, limit: Int) async throws(MongoError) -> [User] {
        let filter = BSONDocument { writer in
            writer.document(AccountField.parts) { parts in
                // One part has to lie between both bounds, and not one above the lower and another below the upper.
                parts.document("$elemMatch") { bounds in
                    bounds.append("$gte", search.firstPart)
                    bounds.append("$lt", search.partEnd)
                }
            }
            // The index knows only the beginning of a long text.
            guard search.isLongerThanPart else { return }
            let position = BSONDocument { writer in
                writer.array("$indexOfBytes") { operands in
                    operands.append("$\(AccountField.folded)")
                    operands.document { $0.append("$literal", search.text) }
                }
            }
            writer.document("$expr") { expression in
                expression.array("$gte") { operands in
                    operands.append(position)
                    operands.append(Int32(0))
                }
            }
        }
        return try Self.users(
            try await accounts.find(
                filter, projection: AccountField.profile, limit: limit, maxTime: Self.searchTime))
    }

    /// Accounts after an id, in the order of ids, whose search keys were made by other rules or not at all.
    func usersWithoutSearchKeys(after id: UserID?, limit: Int) async throws(MongoError) -> [User] {
        let filter = BSONDocument { writer in
            if let id {
                writer.document(AccountField.id) { $0.append("$gt", BSONBinary(id.bytes)) }
            }
            writer.document(AccountField.folding) { $0.append("$ne", SearchKeys.rules) }
        }
        return try Self.users(
            try await accounts.find(
                filter, sort: BSONDocument { $0.append(AccountField.id, Int32(1)) }, projection: AccountField.profile,
                limit: limit, maxTime: .seconds(30)))
    }

    /// Gives accounts their search keys, unless their display names have changed since they were read.
    ///
    /// They can be made again at any time, so this does not wait for a majority.
    func setSearchKeys(of users: [User]) async throws(MongoError) {
        let statements = users.map { user in
            UpdateStatement(
                filter: BSONDocument { writer in
                    writer.append(AccountField.id, BSONBinary(user.id.bytes))
                    writer.append(AccountField.displayName, user.displayName)
                },
                update: .operators(
                    BSONDocument { writer in
                        writer.document("$set") { set in
                            SearchKeys(username: user.username, displayName: user.displayName).write(to: &set)
                        }
                    }))
        }
        _ = try await accounts.bulkUpdate(statements, writeConcern: .primary)
    }

    // MARK: Documents

    private static func filter(_ id: UserID) -> BSONDocument {
        BSONDocument { $0.append(AccountField.id, BSONBinary(id.bytes)) }
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
