import ChatContracts
import MongoStore

/// Answers who has read a message, to the one who wrote it.
struct ReaderQueries: Sendable {
    let store: MessageStore

    func readers(_ request: ReadMessageReaders) async throws -> MessageReaders {
        guard let state = try await store.conversation(request.conversation, of: request.user, isCounted: false)?.state
        else {
            throw ConversationQueries.unknownConversation
        }
        let key = EntryKey(conversation: request.conversation, seq: request.seq)
        guard let message = try await store.entries([key]).first, message.line == nil,
            message.seq >= state.historyFrom(for: request.user)
        else { throw Fault.unknownMessage }
        guard message.sender == request.user else {
            throw Fault(.forbidden, "Only who wrote a message is told who has read it.")
        }
        guard !message.isDeleted else { throw Fault(.gone, "This message was deleted.") }
        let others = try await members(of: state).filter { member in
            // Whoever came later has not read what was written before, even if they see it.
            // Times of one batch are the same, and clocks of two services may differ; the number does not.
            guard let group = member.group else { return member.user != request.user }
            return member.user != request.user && group.since <= message.sentAt && group.historyFrom <= message.seq
        }
        // What somebody marks as unread is still read for others.
        let readers = others.filter { $0.positions.readAsShown >= message.seq }.map(\.user).sorted()
        return MessageReaders(
            readers: readers.map(MessageReaders.Reader.init(user:)), unread: others.count - readers.count)
    }

    private func members(of state: ConversationState) async throws -> [ConversationState.Member] {
        guard let group = state.group else { return state.members }
        let most = Limits.groupMembersWithReaders
        guard group.memberCount <= most else {
            throw Fault(.forbidden, "In groups of more than \(most) members nobody is told who has read what.")
        }
        return try await store.members(of: state.id, after: nil, limit: most).map(\.member)
    }
}
