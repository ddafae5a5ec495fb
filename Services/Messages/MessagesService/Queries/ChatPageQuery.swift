import ChatContracts
import LogKeys
import Logging
import MongoStore

/// Answers what a chat page needs with one read of each document: the list, and from the same documents the conversation
/// that is shown with a stretch of its history.
struct ChatPageQuery: Sendable {
    let store: MessageStore
    let logger: Logger

    private var queries: ConversationQueries { ConversationQueries(store: store) }

    func callAsFunction(_ request: ReadChatPage) async throws -> ChatPage {
        try ConversationQueries.check(limit: request.limit)
        if let limit = request.shown?.limit { try ConversationQueries.check(limit: limit) }
        var page: ChatPage
        var listed: [ConversationDocument] = []
        do {
            let list = try await queries.listed(ListConversations(user: request.user, limit: request.limit))
            listed = list.documents
            page = ChatPage(list: .value(list.page))
        } catch {
            page = ChatPage(list: .fault(try fault(of: error, in: "the list")))
        }
        guard let shown = request.shown else { return page }
        do {
            page.shown = .value(try await read(shown, for: request.user, among: listed))
        } catch {
            page.shown = .fault(try fault(of: error, in: "the conversation"))
        }
        return page
    }

    /// A conversation that is not in the list is read for this user only: one of others and none at all cost the same.
    private func read(
        _ shown: ReadChatPage.Shown, for user: UserID, among listed: [ConversationDocument]
    ) async throws -> ShownConversation {
        var document = listed.first { $0.state.id == shown.conversation }
        if document == nil { document = try await store.conversation(shown.conversation, of: user) }
        guard let document, let conversation = document.view(for: user) else {
            throw ConversationQueries.unknownConversation
        }
        let stretch = shown.part.history(of: conversation, for: user, limit: shown.limit)
        return ShownConversation(
            conversation: conversation, history: try await queries.history(stretch, of: document))
    }

    /// A refusal and a stored document that cannot be read are about one part only. Any other error, such as a database
    /// that is away, would meet the other part as well, and is thrown on.
    private func fault(of error: any Error, in part: String) throws -> Fault {
        if let fault = error as? Fault { return fault }
        guard let failure = error as? MongoError, failure.code == .invalidDocument else { throw error }
        logger.warning(
            "A part of a chat page cannot be read.", metadata: [LogKey.part: "\(part)", LogKey.error: "\(failure)"])
        return Fault(.unavailable, "This cannot be answered at the moment. Try again soon.")
    }
}
