import ChatContracts
import HTTPTypes
import JSON
import MessageBus
import MongoStore
import NIOCore
import Testing

@testable import GatewayService

/// Every rule for a message that is sent by the API, on both ways through the gateway: each request of the table is put
/// through the direct way and through the router, and has to get the same answer, which the table names.
@Suite(.serialized, .timeLimit(.minutes(5))) struct AdmissionTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: Int
        var code: String?
        /// Whether it is answered without the router.
        var isDirect = true
        /// Headers that the answer has to have besides those of every answer.
        var headers: HTTPFields = [:]
        /// Whether the message reaches the messages service.
        var isSent: Bool
        let configure: @Sendable (inout GatewayConfiguration) -> Void
        let prepare: Prepare

        typealias Prepare = @Sendable (Scene, inout HTTPRequest, inout String) async throws -> Void

        init(
            _ description: String, _ status: Int, _ code: String? = nil, isDirect: Bool = true,
            headers: HTTPFields = [:], isSent: Bool? = nil, prepare: @escaping Prepare
        ) {
            self.init(
                description, status, code, isDirect: isDirect, headers: headers, isSent: isSent, configure: { _ in },
                prepare: prepare)
        }

        init(
            _ description: String, _ status: Int, _ code: String? = nil, isDirect: Bool = true,
            headers: HTTPFields = [:], isSent: Bool? = nil,
            configure: @escaping @Sendable (inout GatewayConfiguration) -> Void,
            prepare: @escaping Prepare = { _, _, _ in }
        ) {
            testDescription = description
            self.status = status
            self.code = code
            self.isDirect = isDirect
            self.headers = headers
            self.isSent = isSent ?? (status == 200)
            self.configure = configure
            self.prepare = prepare
        }
    }

    private static let nothing = Rate(perSecond: 0.001, burst: 0)
    private static let user = HTTPField.Name("X-Martlet-User")!

    static let cases = origins + sessions + limits + bodies + outcomes

    private static let origins: [Case] = [
        Case("a good message", 200) { _, _, _ in },
        Case("what the browser says about the site, instead of an origin", 200) { _, request, _ in
            request.headerFields[.origin] = nil
            request.headerFields[.secFetchSite] = "same-origin"
        },
        Case("no origin", 403, "cross-origin") { _, request, _ in request.headerFields[.origin] = nil },
        Case("a foreign origin", 403, "cross-origin") { _, request, _ in
            request.headerFields[.origin] = "http://evil.example"
        },
        Case("a foreign site with a good origin", 403, "cross-origin") { _, request, _ in
            request.headerFields[.secFetchSite] = "cross-site"
        },
        Case("a host that is not configured", 403, "cross-origin", configure: { $0.publicOrigins = ["https://a.b"] }),
        Case("a configured origin", 200, configure: { $0.publicOrigins = ["https://a.b"] }) { _, request, _ in
            request.headerFields[.origin] = "https://a.b"
        },
        Case(
            "a foreign origin of an address without an allowance", 429, "too-many-requests",
            headers: [.retryAfter: "900"], configure: { $0.anonymousRate = nothing }
        ) { _, request, _ in request.headerFields[.origin] = "http://evil.example" },
    ]

    private static let sessions: [Case] = [
        Case("no session", 401, "not-signed-in") { _, request, _ in request.headerFields[.cookie] = nil },
        Case("a malformed cookie", 401, "not-signed-in") { _, request, _ in
            request.headerFields[.cookie] = "martlet=short"
        },
        Case("an unknown session", 401, "not-signed-in", isDirect: false) { _, request, _ in
            request.headerFields[.cookie] = "martlet=\(SessionToken.random().text)"
        },
        Case("a session that nobody has looked up", 200, isDirect: false) { scene, request, _ in
            request.headerFields[.cookie] = "martlet=\(try await scene.signIn().text)"
        },
        Case("an ended session", 401, "not-signed-in", isDirect: false) { scene, _, _ in
            try await scene.gateway.parts.sessions.end([scene.token.key], of: scene.ada.id)
        },
        Case("a session that another gateway has ended", 401, "not-signed-in", isDirect: false) { scene, _, _ in
            _ = try await scene.gateway.store.remove([scene.token.key], of: scene.ada.id)
            scene.gateway.parts.sessions.heard(
                SessionEnded(user: scene.ada.id, sessions: [scene.token.key.description]))
        },
        Case(
            "an expired session", 401, "not-signed-in", isDirect: false,
            configure: { $0.sessionLifetime.absolute = .zero }),
        Case("a session of an outdated credential version", 401, "not-signed-in", isDirect: false) { scene, _, _ in
            scene.gateway.parts.sessions.heard(CredentialsChanged(user: scene.ada.id, version: 2))
        },
        Case(
            "a session whose credential version another look-up found outdated", 401, "not-signed-in", isDirect: false
        ) { scene, _, _ in
            scene.gateway.chat.withState { $0.versions[scene.ada.id] = 2 }
            let other = try await scene.signIn()
            _ = try await scene.gateway.parts.sessions.find(other.key)
        },
        Case("a page of the same user", 200) { scene, request, _ in
            request.headerFields[user] = scene.ada.id.description
        },
        Case("a page of another user", 401, "not-signed-in") { _, request, _ in
            request.headerFields[user] = UserID.random().description
        },
        Case("a session while sessions cannot be looked up", 503, "unavailable", isDirect: false) { scene, request, _ in
            request.headerFields[.cookie] = "martlet=\(try await scene.signIn().text)"
            scene.gateway.store.fail(with: .init(.unavailable, message: "away"))
        },
        Case("a known session while sessions cannot be looked up", 200) { scene, _, _ in
            scene.gateway.store.fail(with: .init(.unavailable, message: "away"))
        },
    ]

    private static let limits: [Case] = [
        Case(
            "over the rate of messages", 429, "too-many-requests", headers: [.retryAfter: "900"],
            configure: { $0.sendRate = nothing }),
        Case(
            "a bad body over the rate of messages", 429, "too-many-requests", headers: [.retryAfter: "900"],
            configure: { $0.sendRate = nothing }
        ) { _, _, body in body = "{" },
        Case("the last message within the rate", 200, configure: { $0.sendRate = Rate(perSecond: 0.001, burst: 1) }),
        Case("over the rate of other requests", 200, configure: { $0.requestRate = nothing }),
        Case(
            "no session, over the rate of the address", 429, "too-many-requests", headers: [.retryAfter: "900"],
            configure: { $0.anonymousRate = nothing }
        ) { _, request, _ in request.headerFields[.cookie] = nil },
        Case("a session, over the rate of the address", 200, configure: { $0.anonymousRate = nothing }),
        Case(
            "too many requests under way", 503, "busy", headers: [.retryAfter: "1"],
            configure: { $0.maximumInFlight = 0 }),
        Case("too many other requests of the user under way", 200, configure: { $0.requestsInFlight = 0 }),
    ]

    private static let bodies: [Case] = [
        Case("a type with a character set", 200) { _, request, _ in
            request.headerFields[.contentType] = "application/JSON; charset=utf-8"
        },
        Case("a wrong type", 415, "unsupported-media-type") { _, request, _ in
            request.headerFields[.contentType] = "text/plain"
        },
        Case("no type", 415, "unsupported-media-type") { _, request, _ in request.headerFields[.contentType] = nil },
        Case("a body that is too large", 413, "body-too-large", headers: [.connection: "close"]) { _, request, body in
            body = String(repeating: " ", count: 65_537)
            request.headerFields[.contentLength] = "65537"
        },
        Case("a body that says it is too large", 413, "body-too-large", headers: [.connection: "close"]) {
            _, request, body in
            body = ""
            request.headerFields[.contentLength] = "70000"
        },
        Case("a body in chunks", 200) { _, request, _ in request.headerFields[.transferEncoding] = "chunked" },
        Case("a body in chunks that is too large", 413, "body-too-large", headers: [.connection: "close"]) {
            _, request, body in
            body += String(repeating: " ", count: 66_000)
            request.headerFields[.transferEncoding] = "chunked"
        },
        Case("the largest body", 200) { _, _, body in
            body += String(repeating: " ", count: 65_536 - body.utf8.count)
        },
        Case("no body", 400, "malformed") { _, _, body in body = "" },
        Case("no JSON", 400, "malformed") { _, _, body in body = "{" },
        Case("no object", 422, "invalid") { _, _, body in body = "[]" },
        Case("an unknown field", 422, "invalid") { _, _, body in body = #"{"x":1}"# },
        Case("no text", 422, "invalid") { _, _, body in
            body = #"{"clientMessageId":"0123456789abcdef0123456789abcdef"}"#
        },
        Case("a bad id", 422, "invalid") { _, _, body in body = #"{"clientMessageId":"1","text":"hello"}"# },
        Case("a blank text", 422, "invalid") { _, _, body in body = body.replacing("hello", with: "  ") },
        Case("an answer to no number", 422, "invalid") { _, _, body in
            body = body.replacing("}", with: #","replyTo":"1"}"#)
        },
        Case("an answer to what cannot exist", 422, "invalid") { _, _, body in
            body = body.replacing("}", with: #","replyTo":0}"#)
        },
        Case("an answer to nothing", 200) { _, _, body in body = body.replacing("}", with: #","replyTo":null}"#) },
        Case("a text that is too long", 422, "invalid") { _, _, body in
            body = body.replacing("hello", with: String(repeating: "x", count: Limits.messageCharacters + 1))
        },
        Case("no session and a bad body", 401, "not-signed-in") { _, request, body in
            request.headerFields[.cookie] = nil
            body = "{"
        },
        Case("a foreign origin and a bad body", 403, "cross-origin") { _, request, body in
            request.headerFields[.origin] = "http://evil.example"
            body = "{"
        },
        Case("a wrong type of a body that is too large", 415, "unsupported-media-type") { _, request, body in
            request.headerFields[.contentType] = "text/plain"
            body = String(repeating: " ", count: 70_000)
        },
    ]

    private static let outcomes: [Case] = [
        Case("somebody else's conversation", 404, "not-found", isSent: true) { _, request, _ in
            request.path = "/api/v1/conversations/\(ConversationID.random())/messages"
        },
        Case("an answer to a message that does not exist", 422, "invalid", isSent: true) { _, _, body in
            body = body.replacing("}", with: #","replyTo":7}"#)
        },
        Case("an answer", 200) { scene, _, body in
            let first = SendMessage(
                conversation: scene.conversation, sender: scene.ada.id, clientMessageId: .random(), text: "first")
            scene.gateway.chat.withState { _ = try? $0.answer(first) }
            body = body.replacing("}", with: #","replyTo":1}"#)
        },
        Case("the messages service is away", 503, "unavailable", headers: [.retryAfter: "2"], isSent: true) {
            scene, _, _ in scene.gateway.chat.withState { $0.failure = .unavailable("A part") }
        },
        Case("an unknown outcome", 504, "outcome-unknown", isSent: true) { scene, _, _ in
            scene.gateway.chat.withState { $0.failure = Problem(.outcomeUnknown, of: .command) }
        },
        Case("a query in the address", 200, isDirect: false) { _, request, _ in request.path? += "?a=b" },
        Case("another method", 404, "not-found", isDirect: false) { _, request, _ in request.method = .put },
    ]

    @Test(arguments: cases) func `both ways give the answer of the table`(_ tested: Case) async throws {
        var answers: [WholeResponse] = []
        for isDirect in [true, false] {
            let scene = try await Scene(tested.configure)
            var request = scene.goodRequest
            var body = Scene.goodBody
            try await tested.prepare(scene, &request, &body)
            let bytes = ByteBuffer(string: body)
            let direct = isDirect ? try await scene.direct(request, bytes) : nil
            if isDirect {
                #expect((direct != nil) == tested.isDirect, "whether it passes the router by")
                if direct == nil { #expect(scene.sends == 0, "what is left to the router is not touched") }
            }
            let answer = if let direct { direct } else { try await scene.routed(request, bytes) }
            answers.append(answer)
            #expect(answer.head.status.code == tested.status, "\(String(buffer: answer.body).prefix(200))")
            let json = try JSONValue(parsing: Array(answer.body.readableBytesView))
            #expect(json["code"]?.text == tested.code)
            for header in tested.headers { #expect(answer.head.headerFields[header.name] == header.value) }
            #expect(scene.sends == (tested.isSent ? 1 : 0))
            #expect(scene.layers.admission.inFlight.current == 0, "its place is given back")
        }
        #expect(Self.compared(answers[0].head) == Self.compared(answers[1].head))
        let details = try answers.map { try JSONValue(parsing: Array($0.body.readableBytesView)) }
            .map { [$0["detail"], $0["field"], $0["type"], $0["title"], $0["text"], $0["accepted"]] }
        #expect(details[0] == details[1])
    }

    /// Everything that a client sees, apart from what differs between any two answers.
    private static func compared(_ head: HTTPResponse) -> [String] {
        head.headerFields.filter { $0.name != .requestID && $0.name != .date }
            .map { "\($0.name): \($0.value)" }.sorted()
    }

    @Test func `answers of both ways carry an id, a date and what narrows pages`() async throws {
        let scene = try await Scene()
        let direct = try await scene.direct(scene.goodRequest, ByteBuffer(string: Scene.goodBody))
        let refused = try await scene.direct(scene.goodRequest, ByteBuffer(string: "{"))
        let routed = try await scene.routed(scene.goodRequest, ByteBuffer(string: Scene.goodBody))
        for answer in [try #require(direct), try #require(refused), routed] {
            #expect(answer.head.headerFields[.requestID]?.count == 32)
            #expect(answer.head.headerFields[.date] != nil)
            #expect(answer.head.headerFields[.contentSecurityPolicy] == SecurityHeaders.contentSecurityPolicy)
        }
        #expect(refused?.head.status == .badRequest)
    }
}
