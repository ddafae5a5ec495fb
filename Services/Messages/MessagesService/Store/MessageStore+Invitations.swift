import ChatContracts
import MongoStore

/// The documents of the collection `invitations`: one for each invitation that was not withdrawn, so that whoever has an
/// invented one is refused before anything of a group is read.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 16 bytes | the token, most significant byte first |
/// | `c` | binary, 16 bytes | the group's id |
/// | `e` | date | when it expires; absent for never |
///
/// What an invitation opens is said by the group's lines alone. A document that is there too long does no harm.
extension MessageStore {
    /// Those of these invitations that exist. What is read for one that does not is the same for every conversation.
    func existing(_ asked: [LaneLoad.InvitationKey]) async throws(MongoError) -> Set<LaneLoad.InvitationKey> {
        guard !asked.isEmpty else { return [] }
        let filter = BSONDocument { writer in
            writer.document(Self.token) { $0.append("$in", asked.map { BSONBinary($0.token.bytes) }) }
        }
        let found = try await invitations.find(filter, as: InvitationDocument.self, limit: asked.count)
        return Set(found.map(\.key)).intersection(asked)
    }

    /// Makes and removes the documents that lines are about. Doing it again, or later, changes nothing.
    func bringInvitationsUpToDate(_ lines: [Message]) async throws(MongoError) {
        var made: [UpdateStatement] = []
        for message in lines {
            guard let line = message.line, let told = line.invitation, let token = told.token else { continue }
            let id = BSONDocument { $0.append(Self.token, BSONBinary(token.bytes)) }
            switch line.kind {
            case .invited:
                let content = BSONDocument { writer in
                    writer.document("$setOnInsert") { content in
                        content.append(InvitationDocument.conversation, BSONBinary(message.conversation.bytes))
                        if let expiry = told.expiresAt {
                            content.append(InvitationField.expiresAt, BSONDate(expiry.milliseconds))
                        }
                    }
                }
                made.append(UpdateStatement(filter: id, update: .operators(content), upsert: true))
            case .revoked: _ = try await invitations.delete(id, writeConcern: durability)
            case .created, .added, .joined, .left, .removed, .role, .changed: continue
            }
        }
        guard !made.isEmpty else { return }
        let result = try await invitations.bulkUpdate(made, writeConcern: durability)
        // Two that make the same document at once can hinder each other: then it is there.
        for failure in result.failures where failure.duplicate == nil {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
    }

    private static let token = "_id"
}

private struct InvitationDocument: BSONMappable {
    static let conversation = "c"

    let key: LaneLoad.InvitationKey

    func write(to writer: inout BSONWriter) {
        writer.append("_id", BSONBinary(key.token.bytes))
        writer.append(Self.conversation, BSONBinary(key.conversation.bytes))
    }

    init(bson: BSONDocument) throws(BSONError) {
        key = LaneLoad.InvitationKey(
            conversation: try bson.identifier(Self.conversation, of: ConversationKind.self),
            token: try bson.identifier("_id", of: InvitationKind.self))
    }
}
