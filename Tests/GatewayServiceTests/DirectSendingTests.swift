import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MessageBus
import Testing

@testable import GatewayService

/// Messages pass the gateway in two ways, through the router or past it, and nobody may be able to tell which.
@Suite(.timeLimit(.minutes(2))) struct DirectSendingTests {
    /// What somebody sends, and what has to come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: HTTPResponse.Status
        var body = #"{"clientMessageId":"0123456789abcdef0123456789abcdef","text":"hello"}"#
        var type = "application/json"
        var site = "same-origin"
        var signsOut = false
        var failure: Problem?
    }

    static let cases = [
        Case(testDescription: "a message", status: .ok),
        Case(testDescription: "a character set", status: .ok, type: "application/JSON; charset=utf-8"),
        Case(testDescription: "no JSON", status: .badRequest, body: "{"),
        Case(testDescription: "no text", status: .unprocessableContent, body: #"{"clientMessageId":"0"}"#),
        Case(testDescription: "another type", status: .unsupportedMediaType, type: "text/plain"),
        Case(testDescription: "too large", status: .contentTooLarge, body: String(repeating: " ", count: 70_000)),
        Case(testDescription: "another site", status: .forbidden, site: "cross-site"),
        Case(testDescription: "no session", status: .unauthorized, signsOut: true),
        Case(
            testDescription: "not available", status: .serviceUnavailable, failure: .unavailable("A part")),
        Case(
            testDescription: "unknown", status: .gatewayTimeout, failure: Problem(.outcomeUnknown, of: .command)),
    ]

    private func answer(to sent: Case, _ setup: TestingSetup) async throws -> TestResponse {
        let gateway = try await TestGateway()
        return try await gateway.test(setup) { ada in
            try await ada.register("ada")
            try await ada.other().register("bob")
            let conversation = try await ada.open("bob")
            // Now the session is known.
            _ = try await ada.get("/api/v1/session")
            if sent.signsOut { ada.token = nil }
            if let failure = sent.failure { gateway.chat.withState { $0.failure = failure } }
            return try await ada.send(
                .post, "/api/v1/conversations/\(conversation.id)/messages", body: sent.body, type: sent.type,
                origin: sent.site)
        }
    }

    @Test(arguments: cases) func `both ways give the same answer`(_ sent: Case) async throws {
        let direct = try await answer(to: sent, .ahc())
        let routed = try await answer(to: sent, .router)
        for answer in [direct, routed] { #expect(answer.status == sent.status) }
        // The server adds these to both.
        let ofConnection: Set<HTTPField.Name> = [.date, .connection, .transferEncoding]
        let names = [direct, routed].map { Set($0.headers.map(\.name)).subtracting(ofConnection) }
        #expect(names[0] == names[1])
        #expect(direct.headers[.requestID]?.count == 32)
        #expect(direct.headers[.retryAfter] == routed.headers[.retryAfter])
        #expect(direct.problemCode == routed.problemCode)
        #expect(direct.json?["text"] == routed.json?["text"])
    }

    @Test func `only the one request is answered past the router`() throws {
        let id = "0123456789abcdef0123456789abcdef"
        #expect(DirectSending.conversation(in: "/api/v1/conversations/\(id)/messages")?.description == id)
        for path in [
            "/api/v1/conversations/\(id)/messages/", "/api/v1/conversations/\(id)/messages?a=b",
            "/api/v1/conversations/\(id)", "/api/v1/conversations/\(id.dropLast())/messages",
            "/api/v1/conversations/\(id.uppercased())/messages", "/api/v1/conversations//messages", "/", "",
        ] {
            #expect(DirectSending.conversation(in: path) == nil, "\(path)")
        }
    }

    @Test func `it is measured under the name of its route`() async throws {
        let gateway = try await TestGateway().gateway
        let layers = GatewayLayers(
            configuration: gateway.configuration, sessions: gateway.sessions, requests: gateway.requests)
        let routes = try gateway.router(layers, logger: Logger(label: "test")).routes.filter { $0.method == .post }
        #expect(routes.map { $0.path.description }.contains(DirectSending.route))
    }
}
