import ChatContracts
import MongoStore

#if PlantedMistakes
    import ServiceKit
#endif

/// The collections of the service. What lanes do to them is in `MessageStore+Lane`, what queries read in
/// `MessageStore+Queries`.
struct MessageStore: Sendable {
    let messages: MongoCollection
    let conversations: MongoCollection
    /// What counts as stored.
    let durability: WriteConcern

    init(database: MongoDatabase) {
        messages = database.collection("messages")
        conversations = database.collection("conversations")
        #if PlantedMistakes
            durability = PlantedMistake.weakWriteConcern.isMade ? .primary : .majorityJournaled
        #else
            durability = .majorityJournaled
        #endif
    }

    /// The names of the unique indexes; `_id_` is the one of `(conversation, seq)`.
    enum IndexName {
        /// `(conversation, rev)`: one change for each number, and what catching up reads.
        static let number = "number"
        /// `(conversation, sender, client message id)`: one message for each.
        static let once = "once"
        /// `(member, last activity)`: a user's conversations.
        static let activity = "activity"
    }

    func createIndexes() async throws(MongoError) {
        #if PlantedMistakes
            let isOnceUnique = !PlantedMistake.noDuplicateCheck.isMade
        #else
            let isOnceUnique = true
        #endif
        try await messages.createIndexes([
            MongoIndex(
                name: IndexName.number, ascending: [MessageField.conversation, MessageField.rev], unique: true),
            MongoIndex(
                name: IndexName.once,
                ascending: [MessageField.conversation, MessageField.sender, MessageField.clientMessageID],
                unique: isOnceUnique),
        ])
        try await conversations.createIndexes([
            MongoIndex(
                name: IndexName.activity,
                keys: [
                    .init("\(ConversationField.members).\(ConversationField.user)"),
                    .init(ConversationField.activeAt, .descending), .init(ConversationField.id),
                ])
        ])
    }

    static func message(_ document: BSONDocument) throws(MongoError) -> Message {
        do throws(BSONError) {
            return try Message(document: document)
        } catch {
            throw MongoError(.invalidDocument, message: "a message cannot be read: \(error)")
        }
    }

    static func messages(_ documents: [BSONDocument]) throws(MongoError) -> [Message] {
        var messages: [Message] = []
        messages.reserveCapacity(documents.count)
        for document in documents { messages.append(try message(document)) }
        return messages
    }

    /// Matches any of these conversations.
    static func anyOf(_ ids: [ConversationID]) -> BSONDocument {
        BSONDocument { writer in
            writer.document(ConversationField.id) { $0.append("$in", ids.map { BSONBinary($0.bytes) }) }
        }
    }

    static func sort(_ field: String, ascending: Bool = true) -> BSONDocument {
        BSONDocument { $0.append(field, Int32(ascending ? 1 : -1)) }
    }
}
