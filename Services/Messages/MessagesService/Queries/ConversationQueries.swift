import ChatContracts
import MongoStore

/// Answers about conversations and their messages. Who is a member is decided by what is stored, never by the request.
///
/// The first read of each answer finds only what exists for the asker. Whoever asks about a conversation of others is
/// refused after the same read, with the same words and in the same time, as somebody who asks about none.
struct ConversationQueries: Sendable {
    let store: MessageStore

    func get(_ request: GetConversation) async throws -> Conversation {
        guard let view = try await store.conversation(request.conversation, of: request.user)?.view(for: request.user)
        else {
            throw Self.unknownConversation
        }
        return view
    }

    func list(_ request: ListConversations) async throws -> ConversationPage { try await listed(request).page }

    /// The list with the documents that it was made of.
    func listed(
        _ request: ListConversations
    ) async throws -> (page: ConversationPage, documents: [ConversationDocument]) {
        try Self.check(limit: request.limit)
        let place = try request.after.map { text in
            guard let place = ListPlace(text) else {
                throw Fault(.invalid, "The place in the list cannot be read.", field: "after")
            }
            return place
        }
        let documents = try await store.conversations(of: request.user, after: place, limit: request.limit + 1)
        let page = documents.prefix(request.limit)
        let top = place == nil ? try await pinned(of: request.user) : []
        let isOnTop = Set(top.map(\.state.id))
        let listed = top + page.filter { !isOnTop.contains($0.state.id) }
        return (
            ConversationPage(
                conversations: listed.compactMap { $0.view(for: request.user) },
                next: documents.count > page.count ? page.last.map { ListPlace($0).description } : nil),
            listed
        )
    }

    /// The conversations at the top of a user's list, the one that was pinned last first.
    private func pinned(of user: UserID) async throws -> [ConversationDocument] {
        func pinnedAt(_ document: ConversationDocument) -> Timestamp? {
            document.state.index(of: user).flatMap { document.state.members[$0].settings.pinnedAt }
        }
        let found = try await store.pinned(of: user, limit: Self.mostPinned)
            .compactMap { document in pinnedAt(document).map { (at: $0, document: document) } }
        return found.sorted { $0.at > $1.at }.prefix(Limits.pinnedConversations).map(\.document)
    }

    /// The most pinned conversations of a user that are read to find those that were pinned last.
    private static let mostPinned = 4 * Limits.pinnedConversations

    func history(_ request: ReadHistory) async throws -> MessagePage {
        try Self.check(limit: request.limit)
        guard request.before == nil || request.after == nil else {
            throw Fault(.invalid, "Give either before or after, not both.", field: "after")
        }
        // The document first: its head then is one that the page surely reflects.
        guard
            let document = try await store.conversation(
                request.conversation, of: request.user, isCounted: false)
        else {
            throw Self.unknownConversation
        }
        return try await history(request, of: document)
    }

    /// A stretch of the history of a conversation that was read before, as that document knows it.
    func history(_ request: ReadHistory, of document: ConversationDocument) async throws -> MessagePage {
        let head = document.state.head
        let newest = document.last?.seq ?? 0
        let first = document.state.historyFrom(for: request.user)
        if let after = request.after.map({ max($0, first - 1) }) {
            var found = try await store.messages(
                of: request.conversation, after: after, through: newest, oldestFirst: true, limit: request.limit + 1)
            let hasNewer = found.count > request.limit
            if hasNewer { found.removeLast() }
            let oldest = found.first?.seq ?? min(max(after, 0), newest) + 1
            let hasOlder = try await hasMessages(from: first, below: oldest, in: request.conversation)
            found = try await store.shown(found, of: document, to: request.user)
            return MessagePage(messages: found, head: head, hasOlder: hasOlder, hasNewer: hasNewer)
        }
        let through = min(newest, max(0, request.before ?? .max) - 1)
        var found = try await store.messages(
            of: request.conversation, after: max(0, first - 1), through: through, oldestFirst: false,
            limit: request.limit + 1)
        let hasOlder = found.count > request.limit
        if hasOlder { found.removeLast() }
        if request.before == nil { try Self.check(found.first?.seq, reaches: document.last?.seq) }
        found = try await store.shown(found, of: document, to: request.user)
        return MessagePage(
            messages: found.reversed(), head: head, hasOlder: hasOlder,
            hasNewer: newest > max(through, 0))
    }

    /// Refuses to answer with messages that do not reach as far as the document that was read before them: around an
    /// election the two may have come from different members, and a cursor must not run ahead of what is shown.
    static func check(_ found: Int64?, reaches wanted: Int64?) throws {
        guard found ?? 0 == wanted ?? 0 else {
            throw Fault(.unavailable, "The conversation cannot be read at the moment. Try again soon.")
        }
    }

    func recentHeads(_ request: RecentHeads) async throws -> RecentHeadsResponse {
        guard request.users.count <= 1_000 else {
            throw Fault(.invalid, "At most 1,000 users at once.", field: "users")
        }
        guard (1...86_400).contains(request.withinSeconds) else {
            throw Fault(.invalid, "At most 86,400 seconds back.", field: "withinSeconds")
        }
        let users = Set(request.users)
        guard !users.isEmpty else { return RecentHeadsResponse(heads: [:]) }
        let since = Timestamp(milliseconds: Timestamp.now.milliseconds - Int64(request.withinSeconds) * 1_000)
        var heads: [UserID: [ConversationID: Int64]] = [:]
        for (conversation, members, head) in try await store.heads(
            of: Array(users), since: since, limit: Self.recentHeads)
        {
            for user in members where users.contains(user) { heads[user, default: [:]][conversation] = head }
        }
        return RecentHeadsResponse(heads: heads)
    }

    /// Conversations in one digest of all users. Some may be missing under the heaviest load, which only delays what
    /// the next digest tells.
    private static let recentHeads = 20_000

    static var unknownConversation: Fault {
        Fault(.notFound, "There is no such conversation.", field: "conversation")
    }

    static func check(limit: Int) throws {
        guard (1...Limits.maximumPageSize).contains(limit) else {
            throw Fault(.invalid, "The limit is 1 to \(Limits.maximumPageSize).", field: "limit")
        }
    }

    private func hasMessages(
        from first: Int64, below seq: Int64, in conversation: ConversationID
    ) async throws -> Bool {
        try await !store.messages(
            of: conversation, after: max(0, first - 1), through: seq - 1, oldestFirst: false, limit: 1
        ).isEmpty
    }
}
