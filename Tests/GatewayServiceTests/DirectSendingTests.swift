import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MessageBus
import TestSupport
import Testing

@testable import GatewayService

/// Messages pass the gateway in two ways, through the router or past it, and nobody may be able to tell which.
@Suite(.timeLimit(.minutes(5))) struct DirectSendingTests {
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

    @Test func `only the one request is answered past the router`() async throws {
        let direct = try #require(try await Scene().responder.direct)
        let id = "0123456789abcdef0123456789abcdef"
        #expect(direct.conversation(in: "/api/v1/conversations/\(id)/messages")?.description == id)
        for path in [
            "/api/v1/conversations/\(id)/messages/", "/api/v1/conversations/\(id)/messages?a=b",
            "/api/v1/conversations/\(id)", "/api/v1/conversations/\(id.dropLast())/messages",
            "/api/v1/conversations/\(id.uppercased())/messages", "/api/v1/conversations//messages", "/", "",
        ] {
            #expect(direct.conversation(in: path) == nil, "\(path)")
        }
    }

    @Test func `the route is found by what it costs`() async throws {
        let scene = try await Scene()
        let other = DeclaredRoute(method: .post, path: "/{id}", cost: RouteCost(limit: .ordinary))
        let form = DeclaredRoute(method: .post, path: "/{id}", cost: RouteCost(limit: .send, isForm: true))
        let send = DeclaredRoute(method: .post, path: "/{id}", cost: RouteCost(limit: .send))
        #expect(DirectSending(scene.layers, routes: [other, form], logger: scene.logger) == nil)
        #expect(DirectSending(scene.layers, routes: [send, send], logger: scene.logger) == nil)
        let direct = DirectSending(scene.layers, routes: [other, form, send], logger: scene.logger)
        #expect(direct?.conversation(in: "/0123456789abcdef0123456789abcdef") != nil)
    }

    @Test func `many refusals that were asked for at once come in order, and the connection goes on`() async throws {
        try await TestGateway().test(.ahc()) { browser in
            let connection = try await RawConnection.open(port: try #require(browser.client.port))
            let path = "/api/v1/conversations/0123456789abcdef0123456789abcdef/messages"
            let post = "POST \(path) HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 2\r\n\r\n{}"
            try await connection.say(String(repeating: post, count: 80))
            try await eventually("all answers came") { connection.statuses.count == 80 }
            #expect(Set(connection.statuses) == ["401"])
            try await connection.say("GET /signin HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the next is answered") { connection.statuses.count == 81 }
            #expect(connection.statuses.last == "200")
            try await connection.close()
        }
    }

    @Test func `a message in chunks is sent, and one that is too long in chunks is refused`() async throws {
        try await TestGateway().test(.ahc()) { ada in
            try await ada.register("ada")
            try await ada.other().register("bob")
            let conversation = try await ada.open("bob")
            let connection = try await RawConnection.open(port: try #require(ada.client.port))
            let head =
                "POST /api/v1/conversations/\(conversation.id)/messages HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n"
                + "Cookie: martlet=\(ada.token ?? "")\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
            func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n" }
            let message = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"in two parts"}"#
            try await connection.say(
                head + chunk(String(message.prefix(20))) + chunk(String(message.dropFirst(20))) + chunk(""))
            try await eventually("the message is answered") { connection.statuses.count == 1 }
            #expect(connection.statuses == ["200"])
            try await connection.say(head + chunk(String(repeating: "x", count: 66_000)))
            try await eventually("the other is answered") { connection.statuses.count == 2 }
            #expect(connection.statuses == ["200", "413"])
            try await eventually("the connection ends with it") { connection.isOver }
            try await connection.close()
        }
    }
}
