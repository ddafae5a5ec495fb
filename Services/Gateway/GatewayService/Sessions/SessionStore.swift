import ChatContracts
import MongoStore

/// Where sessions are kept. Everything is durable when it returns.
protocol SessionStore: Sendable {
    func insert(_ session: Session) async throws(MongoError)
    /// The session, also if it has expired and was not removed yet.
    func find(_ key: SessionKey) async throws(MongoError) -> Session?
    /// Those of the sessions that exist, also if they have expired; fails if one of them cannot be read.
    ///
    /// - Parameter surely: whether what was deleted before may on no account be among them, at the price of a round trip to
    ///   a majority. Otherwise it may, for a moment after the database has changed its primary.
    func find(_ keys: [SessionKey], surely: Bool) async throws(MongoError) -> [Session]
    /// Notes that the session was used. May be lost.
    func touch(_ key: SessionKey, lastSeenAt: Timestamp, expiresAt: Timestamp) async throws(MongoError)
    /// The user's sessions, the one that was used last first, at most ``Session/mostPerUser``.
    func list(of user: UserID) async throws(MongoError) -> [Session]
    /// Those of the user's sessions that are beyond so many, the ones that were used last being kept; some of them at a
    /// time.
    func surplus(of user: UserID, keeping count: Int) async throws(MongoError) -> [SessionKey]
    /// Removes the user's sessions that were opened with a lower credential version.
    func removeOutdated(of user: UserID, below version: Int64) async throws(MongoError)
    /// Removes those of the sessions that belong to the user; answers whether there was any.
    func remove(_ keys: [SessionKey], of user: UserID) async throws(MongoError) -> Bool
    /// Those of the sessions that exist.
    func existing(_ keys: [SessionKey]) async throws(MongoError) -> Set<SessionKey>
}

/// Sessions in the gateway's own database: collection `sessions`, `_id` = hash of the token.
struct MongoSessionStore: SessionStore {
    private let collection: MongoCollection

    init(database: MongoDatabase) { collection = database.collection("sessions") }

    static let indexes = [
        MongoIndex(name: "user", ascending: ["u"]),
        MongoIndex(name: "expiry", keys: [.init("e")], expireAfterSeconds: 0),
    ]

    func createIndexes() async throws(MongoError) { try await collection.createIndexes(Self.indexes) }

    func insert(_ session: Session) async throws(MongoError) { try await collection.insert(session) }

    func find(_ key: SessionKey) async throws(MongoError) -> Session? {
        try await collection.findOne(BSONDocument { $0.append("_id", binary: key.bytes) }, as: Session.self)
    }

    func find(_ keys: [SessionKey], surely: Bool) async throws(MongoError) -> [Session] {
        try await collection.find(
            Self.filter(keys), as: Session.self, limit: keys.count, readConcern: surely ? .linearizable : .majority)
    }

    func touch(_ key: SessionKey, lastSeenAt: Timestamp, expiresAt: Timestamp) async throws(MongoError) {
        let update = BSONDocument {
            $0.document("$set") {
                $0.append("s", BSONDate(lastSeenAt.milliseconds))
                $0.append("e", BSONDate(expiresAt.milliseconds))
            }
        }
        _ = try await collection.update(
            BSONDocument { $0.append("_id", binary: key.bytes) }, update: update, writeConcern: .primary)
    }

    func list(of user: UserID) async throws(MongoError) -> [Session] {
        let sessions = try await collection.find(
            BSONDocument { $0.append("u", binary: user.bytes) }, as: Session.self,
            sort: Self.lastUsedFirst, limit: Session.mostPerUser)
        return sessions
    }

    func surplus(of user: UserID, keeping count: Int) async throws(MongoError) -> [SessionKey] {
        try Self.keys(
            try await collection.find(
                BSONDocument { $0.append("u", binary: user.bytes) }, sort: Self.lastUsedFirst,
                projection: BSONDocument { $0.append("_id", 1 as Int32) }, skip: count, limit: 500))
    }

    func removeOutdated(of user: UserID, below version: Int64) async throws(MongoError) {
        let filter = BSONDocument {
            $0.append("u", binary: user.bytes)
            // One without a version counts as 1.
            $0.document("v") { $0.document("$not") { $0.append("$gte", version) } }
        }
        try await collection.delete(filter, many: true)
    }

    private static let lastUsedFirst = BSONDocument {
        for field in ["s", "c", "_id"] { $0.append(field, -1 as Int32) }
    }

    func remove(_ keys: [SessionKey], of user: UserID) async throws(MongoError) -> Bool {
        let filter = BSONDocument {
            $0.append(contentsOf: Self.filter(keys))
            $0.append("u", binary: user.bytes)
        }
        return try await collection.delete(filter, many: true) > 0
    }

    func existing(_ keys: [SessionKey]) async throws(MongoError) -> Set<SessionKey> {
        let found = try await collection.find(
            Self.filter(keys), projection: BSONDocument { $0.append("_id", 1 as Int32) }, limit: keys.count)
        return Set(try Self.keys(found))
    }

    private static func keys(_ documents: [BSONDocument]) throws(MongoError) -> [SessionKey] {
        var keys: [SessionKey] = []
        for document in documents {
            do {
                keys.append(SessionKey(digest: try document.binary("_id")))
            } catch {
                throw MongoError(.invalidDocument, message: error.description)
            }
        }
        return keys
    }

    private static func filter(_ keys: [SessionKey]) -> BSONDocument {
        BSONDocument {
            $0.document("_id") { $0.append("$in", keys.map { BSONBinary($0.bytes) }) }
        }
    }
}

extension Session: BSONMappable {
    init(bson: BSONDocument) throws(BSONError) {
        let key = try bson.binary("_id")
        guard key.count == 32, let user = UserID(bytes: try bson.binary("u")) else {
            throw BSONError(.wrongType, field: "_id", message: "a session's key has 32 bytes and its user 16")
        }
        self.init(
            key: SessionKey(digest: key), user: user, username: try bson.string("n"),
            credentialVersion: try bson.optionalInt64("v") ?? 1, agent: try bson.string("a"),
            createdAt: Timestamp(milliseconds: try bson.date("c")),
            lastSeenAt: Timestamp(milliseconds: try bson.date("s")),
            expiresAt: Timestamp(milliseconds: try bson.date("e")))
    }

    func write(to writer: inout BSONWriter) {
        writer.append("_id", binary: key.bytes)
        writer.append("u", binary: user.bytes)
        writer.append("n", username)
        writer.append("v", credentialVersion)
        writer.append("a", agent)
        writer.append("c", BSONDate(createdAt.milliseconds))
        writer.append("s", BSONDate(lastSeenAt.milliseconds))
        writer.append("e", BSONDate(expiresAt.milliseconds))
    }
}
