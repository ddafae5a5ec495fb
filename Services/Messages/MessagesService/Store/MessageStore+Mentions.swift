import ChatContracts
import MongoStore

/// Who is called by what is written in groups.
extension MessageStore {
    static let mentioned = "\(MessageField.mentions).\(MessageField.mentioned)"

    static let mentionsIndex = MongoIndex(
        name: IndexName.mentions, keys: [.init(mentioned), .init(MessageField.id)],
        partialFilter: BSONDocument { filter in filter.document(mentioned) { $0.append("$exists", true) } })

    /// The numbers of the messages that mention a member among those that a count is about, the oldest first. Reads an index
    /// entry and a document for each that is told.
    func mentions(
        _ count: LaneLoad.Count, in document: ConversationDocument
    ) async throws(MongoError) -> [Int64] {
        // No further than what is counted, or one's own calls of everybody would all be read to be left out.
        let after = max(count.after, count.through - Self.mostCountedNumbers)
        let changed = document.changed.filter { after < $0.key && $0.key <= count.through }
        let filter = BSONDocument { writer in
            writer.document(Self.mentioned) {
                $0.append("$in", [BSONBinary(count.user.bytes), Mention.everybodyKey])
            }
            Self.appendRange(of: count.conversation, after: after, through: count.through, to: &writer)
            writer.document(MessageField.sender) { $0.append("$ne", BSONBinary(count.user.bytes)) }
        }
        let found = try await messages.find(
            filter, sort: Self.sort(MessageField.id), projection: BSONDocument { $0.append(MessageField.id, Int32(1)) },
            limit: Limits.toldMentions + changed.count, hint: IndexName.mentions)
        var numbers: Set<Int64> = []
        for document in found { numbers.insert(try Self.place(of: document).1) }
        for (seq, message) in changed {
            if message.mentions(count.user) { numbers.insert(seq) } else { numbers.remove(seq) }
        }
        return Array(numbers.sorted().prefix(Limits.toldMentions))
    }
}
