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
/// What an invitation opens is said by the group's lines alone. The document is there before the line that makes the invitation,
/// so that nobody with a good invitation is sent away; one that is there too long does no harm.
extension MessageStore {
    /// Those of these invitations that exist. What is read for one that does not is the same for every conversation.
    func existing(_ asked: [LaneLoad.InvitationKey]) async throws(MongoError) -> Set<LaneLoad.InvitationKey> {
        let found = try await existing(asked, readConcern: .majority)
        let missing = asked.filter { !found.contains($0) }
        // "There is none" is a final answer, so it must not come from a member that is behind.
        return missing.isEmpty ? found : found.union(try await existing(missing, readConcern: .linearizable))
    }

    private func existing(
        _ asked: [LaneLoad.InvitationKey], readConcern: ReadConcern
    ) async throws(MongoError) -> Set<LaneLoad.InvitationKey> {
        guard !asked.isEmpty else { return [] }
        let filter = BSONDocument { writer in
            writer.document(InvitationDocument.token) {
                $0.append("$in", asked.map { BSONBinary($0.token.bytes) })
            }
        }
        let found = try await invitations.find(
            filter, as: InvitationDocument.self, limit: asked.count, readConcern: readConcern)
        return Set(found.map(\.key)).intersection(asked)
    }

    /// Makes the documents of the invitations that these lines will have made.
    func announceInvitations(_ lines: [Message]) async throws(MongoError) {
        let statements = lines.compactMap { message -> UpdateStatement? in
            guard message.line?.kind == .invited, let told = message.line?.invitation, let token = told.token else {
                return nil
            }
            let content = BSONDocument { writer in
                writer.document("$setOnInsert") { content in
                    content.append(InvitationDocument.conversation, BSONBinary(message.conversation.bytes))
                    if let expiry = told.expiresAt {
                        content.append(InvitationField.expiresAt, BSONDate(expiry.milliseconds))
                    }
                }
            }
            return UpdateStatement(
                filter: InvitationDocument.filter(token), update: .operators(content), upsert: true)
        }
        guard !statements.isEmpty else { return }
        let result = try await invitations.bulkUpdate(statements, writeConcern: durability)
        // Two that make the same document at once can hinder each other: then it is there.
        for failure in result.failures where failure.duplicate == nil {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
    }

    /// Removes the documents of the invitations that these lines have withdrawn. Doing it again changes nothing.
    func forgetInvitations(_ lines: [Message]) async throws(MongoError) {
        for message in lines where message.line?.kind == .revoked {
            guard let token = message.line?.invitation?.token else { continue }
            try await invitations.delete(InvitationDocument.filter(token), writeConcern: durability)
        }
    }
}

private struct InvitationDocument: BSONMappable {
    static let token = "_id"
    static let conversation = "c"

    let key: LaneLoad.InvitationKey

    static func filter(_ token: InvitationToken) -> BSONDocument {
        BSONDocument { $0.append(Self.token, BSONBinary(token.bytes)) }
    }

    init(bson: BSONDocument) throws(BSONError) {
        key = LaneLoad.InvitationKey(
            conversation: try bson.identifier(Self.conversation, of: ConversationKind.self),
            token: try bson.identifier(Self.token, of: InvitationKind.self))
    }

    func write(to writer: inout BSONWriter) {
        writer.append(Self.token, BSONBinary(key.token.bytes))
        writer.append(Self.conversation, BSONBinary(key.conversation.bytes))
    }
}
