import ChatContracts
import MongoStore

/// Where drafts are kept. Everything is durable when it returns.
protocol DraftStore: Sendable {
    /// Keeps a draft, unless one is kept that was written later.
    ///
    /// - Returns: the one that is kept now.
    func save(_ draft: WrittenDraft, of user: UserID) async throws(MongoError) -> Draft
    /// What a user's devices have kept since a moment, empty ones among them, and the moment to ask from next time.
    func drafts(of user: UserID, since moment: Timestamp?) async throws(MongoError) -> (
        drafts: [Draft], asOf: Timestamp
    )
}

/// Drafts in the gateways' own database: collection `drafts`.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 32 bytes | the user's id and the conversation's |
/// | `u` | binary, 16 bytes | the user's id |
/// | `t` | string | the text; empty once there is none |
/// | `q` | int64 | the number of the message that it answers; absent if it answers none |
/// | `a` | date | when it was written |
/// | `s` | date | when it was kept |
/// | `e` | date | of an empty one: when it is forgotten |
struct MongoDraftStore: DraftStore {
    private enum Field {
        static let id = "_id"
        static let user = "u"
        static let text = "t"
        static let replyTo = "q"
        static let writtenAt = "a"
        static let savedAt = "s"
        static let expiresAt = "e"
    }

    /// Whoever asks for what is new gets what was kept so long before, too: a write may end after one that began later.
    private static let overlap: Int64 = 60_000

    private let collection: MongoCollection

    init(database: MongoDatabase) { collection = database.collection("drafts") }

    func createIndexes() async throws(MongoError) {
        try await collection.createIndexes([
            MongoIndex(name: "user", keys: [.init(Field.user), .init(Field.savedAt, .descending)]),
            MongoIndex(name: "expiry", keys: [.init(Field.expiresAt)], expireAfterSeconds: 0),
        ])
    }

    func save(_ draft: WrittenDraft, of user: UserID) async throws(MongoError) -> Draft {
        let id = BSONDocument { $0.append(Field.id, binary: user.bytes + draft.conversation.bytes) }
        let update = FindAndModifyAction.update(.pipeline([Self.replacement(draft, of: user)]))
        var kept: BSONDocument?
        do throws(MongoError) {
            kept = try await collection.findAndModify(id, update, upsert: true)
        } catch  where error.code == .duplicateKey {
            // Another device has made it in the same moment, so now it is found.
            kept = try await collection.findAndModify(id, update, upsert: true)
        }
        // There are no more of the other kind than before.
        try await removeSurplus(of: user, isEmpty: draft.text.isEmpty)
        guard let kept else { throw MongoError(.invalidDocument, message: "the draft that was kept is not returned") }
        return try Self.draft(kept)
    }

    /// One clock decides, that of the database, so that no gateway and no device can be ahead of the others.
    private static func replacement(_ draft: WrittenDraft, of user: UserID) -> BSONDocument {
        func moment(_ operation: String, _ distance: Int64) -> BSONDocument {
            BSONDocument { moment in
                moment.array(operation) { operands in
                    operands.append("$$NOW")
                    operands.append(distance)
                }
            }
        }
        let writtenAt = moment("$subtract", draft.age)
        let written = BSONDocument { writer in
            writer.append(Field.id, "$\(Field.id)")
            writer.append(Field.user, binary: user.bytes)
            writer.document(Field.text) { $0.append("$literal", draft.text) }
            writer.append(Field.replyTo, draft.replyTo)
            writer.append(Field.writtenAt, writtenAt)
            writer.append(Field.savedAt, "$$NOW")
            if draft.text.isEmpty { writer.append(Field.expiresAt, moment("$add", Draft.emptyLifetime)) }
        }
        return BSONDocument { stage in
            stage.document("$replaceWith") { replacement in
                replacement.document("$cond") { condition in
                    condition.document("if") { test in
                        test.array("$gt") { operands in
                            operands.append("$\(Field.writtenAt)")
                            operands.append(writtenAt)
                        }
                    }
                    condition.append("then", "$$ROOT")
                    condition.append("else", written)
                }
            }
        }
    }

    /// Texts and empty ones apart: what was sent must not take the place of what was not.
    private func removeSurplus(of user: UserID, isEmpty: Bool) async throws(MongoError) {
        let filter = BSONDocument { writer in
            writer.append(contentsOf: Self.all(of: user))
            writer.document(Field.expiresAt) { $0.append("$exists", isEmpty) }
        }
        let surplus = try await collection.find(
            filter, sort: Self.newestFirst, projection: BSONDocument { $0.append(Field.id, 1 as Int32) },
            skip: Draft.mostPerUser, limit: 100)
        guard !surplus.isEmpty else { return }
        let ids = surplus.compactMap { try? $0.binary(Field.id) }
        try await collection.delete(
            BSONDocument { writer in
                writer.document(Field.id) { $0.append("$in", ids.map { BSONBinary($0) }) }
            }, many: true)
    }

    func drafts(
        of user: UserID, since moment: Timestamp?
    ) async throws(MongoError) -> (drafts: [Draft], asOf: Timestamp) {
        let filter = BSONDocument { writer in
            writer.append(contentsOf: Self.all(of: user))
            if let moment {
                writer.document(Field.savedAt) { $0.append("$gte", BSONDate(moment.milliseconds - Self.overlap)) }
            }
        }
        let found = try await collection.find(filter, sort: Self.newestFirst, limit: 2 * Draft.mostPerUser)
        var asOf = moment ?? Timestamp(milliseconds: 0)
        do throws(BSONError) {
            for document in found { asOf = max(asOf, Timestamp(milliseconds: try document.date(Field.savedAt))) }
        } catch {
            throw MongoError(.invalidDocument, message: "a draft cannot be read: \(error)")
        }
        return (try found.map { document throws(MongoError) in try Self.draft(document) }, asOf)
    }

    private static func all(of user: UserID) -> BSONDocument {
        BSONDocument { $0.append(Field.user, binary: user.bytes) }
    }

    private static let newestFirst = BSONDocument { $0.append(Field.savedAt, -1 as Int32) }

    private static func draft(_ document: BSONDocument) throws(MongoError) -> Draft {
        do throws(BSONError) {
            guard let conversation = ConversationID(bytes: try document.binary(Field.id).suffix(16)) else {
                throw BSONError(.wrongType, field: Field.id, message: "a draft's id has 32 bytes")
            }
            return Draft(
                conversation: conversation, text: try document.string(Field.text),
                replyTo: try document.optionalInt64(Field.replyTo),
                writtenAt: Timestamp(milliseconds: try document.date(Field.writtenAt)))
        } catch {
            throw MongoError(.invalidDocument, message: "a draft cannot be read: \(error)")
        }
    }
}
