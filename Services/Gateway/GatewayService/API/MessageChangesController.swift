import ChatContracts
import Hummingbird

/// Editing, deleting and reacting. Whose message it is and what it is are decided by the messages service.
struct MessageChangesController: Sendable {
    let changing: MessageChanging

    func addRoutes(to routes: LimitedRoutes) {
        routes.patch("conversations/:id/messages/:seq", .change) { try await edit($0, $1) }
        routes.delete("conversations/:id/messages/:seq", .change) { try await delete($0, $1) }
        routes.put("conversations/:id/messages/:seq/reactions/:emoji", .change) {
            try await react(isOn: true, $0, $1)
        }
        routes.delete("conversations/:id/messages/:seq/reactions/:emoji", .change) {
            try await react(isOn: false, $0, $1)
        }
    }

    private func edit(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let seq = try context.messageNumber()
        let body = try await JSONBody(of: request, context: context, fields: ["text", "rev"])
        let text = try body.string("text")
        guard let rev = try body.optionalInteger("rev", in: 1...Int64.max) else {
            throw Problem.invalid("rev", "This is missing.")
        }
        return .json(
            try await changing.edit(
                EditMessage(conversation: conversation, user: session.user, seq: seq, rev: rev, text: text),
                context: context))
    }

    private func delete(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        return .json(
            try await changing.delete(
                DeleteMessage(
                    conversation: context.identifier("id", as: ConversationID.self), user: session.user,
                    seq: context.messageNumber()),
                context: context))
    }

    private func react(isOn: Bool, _ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let seq = try context.messageNumber()
        // What cannot be decoded is no emoji.
        let emoji = context.parameters.get("emoji").flatMap { FormFields.decoded($0, plusIsSpace: false) } ?? ""
        return .json(
            try await changing.react(
                WantedReaction(
                    conversation: conversation, user: session.user, seq: seq, emoji: emoji, isOn: isOn,
                    rev: try await Self.rev(in: request)),
                context: context))
    }

    /// The state of the message that a body names, if there is a body.
    private static func rev(in request: Request) async throws -> Int64? {
        let bytes = try await request.collectedBody()
        guard bytes.readableBytes > 0 else { return nil }
        return try JSONBody(request.headers, bytes, fields: ["rev"]).optionalInteger("rev", in: 1...Int64.max)
    }
}

extension GatewayContext {
    /// The number of a message in the path; what is none names no message.
    func messageNumber() throws(Problem) -> Int64 {
        guard let text = parameters.get("seq"), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seq = Int64(text)
        else { throw Problem(.unknownMessage) }
        return seq
    }
}
