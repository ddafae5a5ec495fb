import ChatContracts
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization

@testable import GatewayService

/// A gateway without a web server, somebody who is signed in, and a conversation: puts a request through the direct way of
/// messages or through the router.
struct Scene: Sendable {
    let gateway: TestGateway
    let layers: GatewayLayers
    let responder: GatewayResponder<RouterResponder<GatewayContext>>
    let ada: User
    let conversation: ConversationID
    /// Of a session that has just been looked up.
    let token: SessionToken
    var logger: Logger { gateway.logger }

    init(_ change: (inout GatewayConfiguration) -> Void = { _ in }) async throws {
        gateway = try await TestGateway {
            // Longer than any test, also on a busy machine.
            $0.sessionCacheLifetime = .seconds(300)
            change(&$0)
        }
        layers = GatewayLayers(
            configuration: gateway.gateway.configuration, sessions: gateway.parts.sessions, requests: gateway.chat,
            directory: gateway.parts.directory)
        responder = try gateway.gateway.responder(layers, logger: gateway.logger)
        let users = ["ada", "bob"].map {
            User(id: .random(), username: $0, displayName: $0, createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        }
        ada = users[0]
        conversation = .direct(users[0].id, users[1].id)
        gateway.chat.withState { state in
            for user in users { state.users[user.id] = user }
            _ = try? state.answer(OpenDirectConversation(user: users[0].id, other: users[1].id))
        }
        token = try await Self.signIn(ada, gateway)
        _ = try await gateway.parts.sessions.find(token.key)
    }

    private static func signIn(_ user: User, _ gateway: TestGateway) async throws -> SessionToken {
        try await gateway.parts.sessions.begin(
            for: AuthenticatedUser(user: user, credentialVersion: 1), agent: "a test", replacing: nil)
    }

    /// Another session of hers, which nobody has looked up yet.
    func signIn() async throws -> SessionToken { try await Self.signIn(ada, gateway) }

    /// A message that nothing speaks against.
    var goodRequest: HTTPRequest {
        HTTPRequest(
            method: .post, scheme: "http", authority: "chat.example",
            path: "/api/v1/conversations/\(conversation)/messages",
            headerFields: [
                .contentType: "application/json", .origin: "http://chat.example", .cookie: "martlet=\(token.text)",
            ])
    }

    static var goodBody: String { #"{"clientMessageId":"\#(ClientMessageID.random())","text":"hello"}"# }

    /// Messages that reached the other services.
    var sends: Int { gateway.chat.withState { $0.requests.count { $0 == SendMessage.typeName } } }

    /// The answer of the direct way; nil if it leaves the request to the router.
    func direct(_ request: HTTPRequest, _ body: ByteBuffer) async throws -> WholeResponse? {
        try await withConnection { connection in
            await withCheckedContinuation { continuation in
                let isBegun = responder.begin(request, body, on: connection) { continuation.resume(returning: $0) }
                if !isBegun { continuation.resume(returning: nil) }
            }
        }
    }

    func routed(_ request: HTTPRequest, _ body: ByteBuffer) async throws -> WholeResponse {
        try await withConnection { connection in
            let response = await responder.respond(
                to: Request(head: request, body: RequestBody(buffer: body)), on: connection)
            let collected = CollectedBody()
            try await response.body.write(collected)
            return WholeResponse(head: response.head, body: collected.bytes)
        }
    }

    func withConnection<Result: Sendable>(
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        // Nothing is written to it.
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let result = try await body(Connection(channel: channel))
        try await channel.close().get()
        return result
    }
}
