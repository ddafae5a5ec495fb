import ChatContracts
import MongoStore

/// What is stored above the heads of conversation documents.
extension MessageStore {
    /// Brings those of the documents that are marked up to what is stored and answered.
    func completed(_ documents: [ConversationDocument]) async throws(MongoError) -> [ConversationDocument] {
        let marked = documents.filter(\.isMarked)
        guard !marked.isEmpty else { return documents }
        let tails = try await tails(of: marked)
        return documents.map { document in
            guard let tail = tails[document.state.id] else { return document }
            var document = document
            document.absorb(tail)
            return document
        }
    }

    /// What has a number above each document's head, in the order of the numbers. To be asked for after the documents were
    /// read: the other way round, a change between the two reads would be in neither.
    func tails(of documents: [ConversationDocument]) async throws(MongoError) -> [ConversationID: [StoredChange]] {
        guard !documents.isEmpty else { return [:] }
        let found = try await messages.find(Self.above(documents.map { ($0.state.id, $0.state.head) }))
        return Dictionary(grouping: try Self.changes(found), by: \.conversation)
            .mapValues { $0.sorted { $0.number < $1.number } }
    }

    /// Does what is left of changes whose marker is stored. Whoever stored it may have ended before the entry was brought
    /// up to date.
    func finish(_ tails: [ConversationID: [StoredChange]]) async throws(MongoError) {
        let begun = tails.values.joined().compactMap { stored -> Change? in
            guard let message = stored.message, stored.replaces != nil || message.line != nil else { return nil }
            return Change(message: message, replaces: stored.replaces)
        }
        try await bringUpToDate(begun)
    }

    /// The number of the last change of each of these conversations that has one above its given head.
    func newestChanges(
        _ heads: [(conversation: ConversationID, head: Int64)]
    ) async throws(MongoError) -> [ConversationID: Int64] {
        guard !heads.isEmpty else { return [:] }
        let projection = BSONDocument { writer in
            writer.append(MessageField.id, Int32(1))
        }
        var newest: [ConversationID: Int64] = [:]
        for document in try await messages.find(Self.above(heads), projection: projection) {
            let (id, number) = try Self.place(of: document)
            newest[id] = max(newest[id] ?? 0, number)
        }
        return newest
    }

    private static func above(_ heads: [(conversation: ConversationID, head: Int64)]) -> BSONDocument {
        BSONDocument { writer in
            writer.append(
                "$or",
                heads.map { conversation, head in
                    BSONDocument { appendRange(of: conversation, after: head, to: &$0) }
                })
        }
    }
}
