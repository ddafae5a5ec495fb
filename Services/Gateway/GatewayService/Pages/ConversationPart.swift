import ChatContracts

/// Which messages of a conversation a page shows.
enum ConversationPart: Equatable {
    /// From the first unread message on if the newest page does not reach back to it, else the newest.
    case opening
    case newest
    case before(Int64)
    case after(Int64)

    /// Messages that were read before and are shown above the first new one, so that it has its context.
    private static let context: Int64 = 5

    /// From the query of an address; what is malformed counts as absent.
    init(_ query: FormFields) {
        if let seq = try? query.integer("before", in: 1...Int64.max) {
            self = .before(seq)
        } else if let seq = try? query.integer("after", in: 0...Int64.max) {
            self = .after(seq)
        } else {
            self = query["at"] == "newest" ? .newest : .opening
        }
    }

    /// - Parameter read: How far `user` has read; nil if nothing is unread.
    func query(user: UserID, conversation: Conversation, read: Int64?, limit: Int) -> ReadHistory {
        switch self {
        case .opening:
            if let read, conversation.head - read > Int64(limit) {
                return ConversationPart.after(max(0, read - Self.context)).query(
                    user: user, conversation: conversation, read: read, limit: limit)
            }
            return ReadHistory(user: user, conversation: conversation.id, limit: limit)
        case .newest: return ReadHistory(user: user, conversation: conversation.id, limit: limit)
        case .before(let seq):
            return ReadHistory(user: user, conversation: conversation.id, before: seq, limit: limit)
        case .after(let seq):
            return ReadHistory(user: user, conversation: conversation.id, after: seq, limit: limit)
        }
    }
}
