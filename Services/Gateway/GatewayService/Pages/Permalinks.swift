import ChatContracts
import Hummingbird

/// Addresses of conversations and messages that do not depend on who opens them.
///
/// A script finds the message by the fragment, which browsers keep when they are sent on; without one `?at=` names it.
struct Permalinks: Sendable {
    let requests: any Requests
    let directory: UserDirectory

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("c/:conversation", .ordinary) { try await follow($0, $1) }
    }

    private func follow(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        let id = try context.identifier("conversation", as: ConversationID.self)
        let conversation = try await requests.call(
            GetConversation(user: session.user, conversation: id), context: context.bus())
        let users =
            conversation.group == nil
            ? try await directory.users([conversation.partner(of: session.user)], context: context.bus()) : [:]
        guard let partner = ChatPartner(in: conversation, for: session.user, among: users) else {
            throw Problem.notFound
        }
        let path = partner.path
        let seq = try? FormFields(queryOf: request).integer("at", in: 1...Int64.max)
        return .seeOther(seq.map { "\(path)?at=\($0)#m\($0)" } ?? path)
    }
}
