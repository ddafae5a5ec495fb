import ChatContracts
import Hummingbird

/// Who has read a message, for the one who wrote it.
struct ReadersController: Sendable {
    let requests: any Requests
    let directory: UserDirectory

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("conversations/:id/messages/:seq/readers", .ordinary) { try await readers($0, $1) }
    }

    private func readers(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let reply = try await requests.callRaw(
            ReadMessageReaders(
                user: session.user, conversation: context.identifier("id", as: ConversationID.self),
                seq: context.messageNumber()),
            context: context.bus())
        return .json(try await directory.withUsers(reply, context: context.bus()))
    }
}
