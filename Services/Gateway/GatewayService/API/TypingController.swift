import ChatContracts
import Hummingbird

/// Saying that one is writing.
struct TypingController: Sendable {
    let notices: TypingNotices

    func addRoutes(to routes: LimitedRoutes) {
        routes.post("conversations/:id/typing", .ordinary) { try await tell($0, $1) }
    }

    private func tell(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        try await notices.tell(
            Typing(
                conversation: context.identifier("id", as: ConversationID.self), user: session.user),
            context: context.bus())
        return .noContent
    }
}
