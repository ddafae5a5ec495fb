import ChatContracts
import MongoStore

/// Brings a client that was away, for however long, to exactly the server's state.
struct SyncQuery: Sendable {
    let store: MessageStore
    /// What one answer carries at most, so that it stays a few MiB; the client asks again for the rest.
    var messageBudget = 1_000
    var byteBudget = 1 << 20
    /// Conversations whose changes one answer carries at most: each takes a read or two.
    var conversationBudget = 64
    /// Conversations whose cursor seems to be ahead that are looked at again for one answer, with one read.
    var sureBudget = 16
    /// Texts of newest messages in the descriptions of conversations.
    var viewBudget = 1 << 20

    func callAsFunction(_ request: SyncChanges) async throws -> SyncResponse {
        guard request.cursors.count <= Limits.syncCursors else {
            throw Fault(.invalid, "At most \(Limits.syncCursors) cursors at once.", field: "cursors")
        }
        guard (0...Limits.maximumPageSize).contains(request.recent) else {
            throw Fault(.invalid, "At most \(Limits.maximumPageSize) conversations.", field: "recent")
        }
        var documents =
            request.recent == 0
            ? [] : try await store.conversations(of: request.user, after: nil, limit: request.recent)
        let recent = Set(documents.map(\.state.id))
        let named = request.cursors.keys.filter { !recent.contains($0) }
        // Only what exists for the asker is ever read; the answer to a stranger costs this one read, whatever is asked.
        documents += try await store.conversations(named, of: request.user)
        let unsure = try await settleWhatSeemsAhead(request, &documents)

        var response = SyncResponse(conversations: [], changes: [], more: false)
        var messages = messageBudget
        var bytes = byteBudget
        var viewBytes = viewBudget
        var left = conversationBudget
        for document in documents {
            guard var view = document.view(for: request.user) else { continue }
            viewBytes -= view.lastMessage?.text.utf8.count ?? 0
            // A client that has a cursor has the message, too, or gets it as a change.
            if viewBytes < 0, request.cursors[document.state.id] != nil { view.lastMessage = nil }
            response.conversations.append(view)
            guard let cursor = request.cursors[document.state.id], cursor != document.state.head else { continue }
            guard messages > 0, bytes > 0, left > 0, !unsure.contains(document.state.id) else {
                response.more = true
                continue
            }
            left -= 1
            let changes = try await self.changes(
                of: document, to: request.user, since: cursor, atMost: messages, bytes: bytes)
            if changes.cursor < document.state.head { response.more = true }
            messages -= changes.messages.count
            bytes -= changes.messages.reduce(0) { $0 + $1.text.utf8.count }
            response.changes.append(changes)
        }
        return response
    }

    /// Reads the conversations whose cursor seems to be ahead once more, all with one read that cannot be behind: after
    /// an election a majority read may be, for a moment, and only then may a cursor seem to be ahead.
    ///
    /// - Returns: those that were too many for one answer. Their cursors stay as they are, for the client's next request.
    private func settleWhatSeemsAhead(
        _ request: SyncChanges, _ documents: inout [ConversationDocument]
    ) async throws -> Set<ConversationID> {
        let ahead = documents.map(\.state).filter { state in
            request.cursors[state.id].map { $0 > state.head } ?? false
        }.map(\.id)
        guard !ahead.isEmpty else { return [] }
        let sure = Dictionary(
            try await store.conversations(
                Array(ahead.prefix(sureBudget)), of: request.user, readConcern: .linearizable
            ).map { ($0.state.id, $0) }
        ) { first, _ in first }
        for index in documents.indices {
            if let document = sure[documents[index].state.id] { documents[index] = document }
        }
        return Set(ahead).subtracting(sure.keys)
    }

    private func changes(
        of document: ConversationDocument, to user: UserID, since cursor: Int64, atMost limit: Int, bytes: Int
    ) async throws -> ConversationChanges {
        let id = document.state.id
        let head = document.state.head
        // Above the head: the client has seen what the server no longer has, as after a restored backup.
        guard cursor >= 0, cursor <= head, head - cursor <= Int64(Limits.syncChanges) else {
            var newest = try await store.messages(
                of: id, after: max(0, document.state.historyFrom(for: user) - 1), through: document.last?.seq ?? 0,
                oldestFirst: false, limit: Limits.pageSize + 1)
            let hasOlder = newest.count > Limits.pageSize
            if hasOlder { newest.removeLast() }
            try ConversationQueries.check(newest.first?.seq, reaches: document.last?.seq)
            newest = try await store.shown(newest, of: document, to: user)
            return ConversationChanges(
                conversation: id, cursor: head, messages: newest.reversed(), reset: true, hasOlder: hasOlder)
        }
        let found = try await store.changes(of: id, after: cursor, through: head, limit: limit)
        var taken = found[..<0]
        var room = bytes
        for change in found {
            // At least one, or a large message would stop the client for ever.
            guard taken.isEmpty || room > 0 else { break }
            taken = found[...taken.endIndex]
            room -= change.message.map(JSONLine.size) ?? 0
        }
        let isComplete = taken.count == found.count && found.count < limit
        // Every number keeps its document, also when a later one has its entry.
        if isComplete { try ConversationQueries.check(taken.last?.number ?? cursor, reaches: head) }
        let messages = try await store.shown(
            taken.entries().values.sorted { $0.rev < $1.rev }, of: document, to: user)
        return ConversationChanges(
            conversation: id, cursor: isComplete ? head : taken.last?.number ?? head, messages: messages,
            reset: false, hasOlder: false)
    }
}
