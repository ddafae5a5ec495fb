import AsyncHTTPClient
import ChatContracts
import Foundation
import NIOCore
import NIOHTTP1

/// Somebody's program that speaks to gateways as a browser does: HTTP, one cookie, JSON. It tries the next gateway when
/// one does not answer.
struct ChatClient: Sendable {
    /// Base addresses; the first is preferred.
    var gateways: [String]
    var username: String
    /// `name=value` of the session's cookie.
    var cookie: String?
    var user: User?

    /// What a gateway answered.
    struct Answer: Sendable {
        var status: Int
        var body: Data
        var setCookie: String?
        var retryAfter: Duration?

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: body)
        }
    }

    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    /// Streams hold their connections, so there have to be more of them than there are people.
    static let http = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    static let password = "correct horse battery staple"

    /// Signs up at the first gateway, repeating while the answer is a temporary one.
    static func signUp(_ username: String, gateways: [String]) async throws -> ChatClient {
        struct Form: Encodable { var username, password: String }
        var client = ChatClient(gateways: gateways, username: username)
        let form = Form(username: username, password: password)
        let answer = try await client.insist("POST", "/api/v1/accounts", form, within: .seconds(60)) { status in
            // A repeat after a lost answer finds the name taken: by itself.
            status == 409
        }
        if answer.status == 409 {
            return try await client.signedIn()
        }
        client.cookie = answer.setCookie
        client.user = try answer.decode(User.self)
        return client
    }

    /// The same person with a new session.
    func signedIn() async throws -> ChatClient {
        struct Form: Encodable { var username, password: String }
        var client = self
        let form = Form(username: username, password: Self.password)
        let answer = try await client.insist("POST", "/api/v1/session", form, within: .seconds(60))
        client.cookie = answer.setCookie
        client.user = try answer.decode(User.self)
        return client
    }

    func open(with other: String) async throws -> ConversationID {
        struct Form: Encodable { var username: String }
        let answer = try await insist("POST", "/api/v1/conversations", Form(username: other), within: .seconds(60))
        return try answer.decode(Conversation.self).id
    }

    /// Sends a message until it is acknowledged, with the same id at every attempt.
    func send(_ text: String, to conversation: ConversationID, id: ClientMessageID) async throws -> Message {
        struct Form: Encodable {
            var clientMessageId: ClientMessageID
            var text: String
        }
        let path = "/api/v1/conversations/\(conversation)/messages"
        let answer = try await insist("POST", path, Form(clientMessageId: id, text: text), within: .seconds(90))
        return try answer.decode(Message.self)
    }

    /// The whole history, oldest first, in pages.
    func history(of conversation: ConversationID) async throws -> [Message] {
        var messages: [Message] = []
        while true {
            let after = messages.last?.seq ?? 0
            let path = "/api/v1/conversations/\(conversation)/messages?after=\(after)&limit=200"
            let page = try await insist("GET", path, nil as String?, within: .seconds(60)).decode(MessagePage.self)
            messages += page.messages
            if !page.hasNewer { return messages }
        }
    }

    func sync(_ cursors: [ConversationID: Int64]) async throws -> SyncAnswer {
        struct Form: Encodable {
            var cursors: [ConversationID: Int64]
            var recent = 0
        }
        return try await insist("POST", "/api/v1/sync", Form(cursors: cursors), within: .seconds(60))
            .decode(SyncAnswer.self)
    }

    /// Repeats a request, at the next gateway each time, until the answer is neither missing nor temporary.
    func insist<Body: Encodable & Sendable>(
        _ method: String, _ path: String, _ body: Body?, within limit: Duration,
        accepting accepts: (Int) -> Bool = { _ in false }
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        var attempt = 0
        var last = "nothing"
        while ContinuousClock.now < deadline {
            let gateway = gateways[attempt % gateways.count]
            attempt += 1
            var pause = Duration.milliseconds(Int.random(in: 20...200))
            do {
                let answer = try await request(method, gateway + path, body)
                if (200..<300).contains(answer.status) || accepts(answer.status) { return answer }
                last = "\(answer.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))"
                guard answer.status >= 500 || answer.status == 429 else {
                    throw Problem(description: "\(username): \(method) \(path): \(last)")
                }
                if answer.status == 429, let wanted = answer.retryAfter { pause = wanted }
            } catch let problem as Problem {
                throw problem
            } catch {
                last = "\(error)"
            }
            try await Task.sleep(for: pause)
        }
        throw Problem(description: "\(username): \(method) \(path): no success within \(limit); last: \(last)")
    }

    /// One request, one answer.
    func request<Body: Encodable>(_ method: String, _ address: String, _ body: Body?) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "sec-fetch-site", value: "same-origin")
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        }
        let response = try await Self.http.execute(request, timeout: .seconds(15))
        let bytes = try await response.body.collect(upTo: 8 << 20)
        let cookie = response.headers.first(name: "set-cookie").map { String($0.prefix { $0 != ";" }) }
        return Answer(
            status: Int(response.status.code), body: Data(bytes.readableBytesView), setCookie: cookie,
            retryAfter: response.headers.first(name: "retry-after").flatMap { Int($0) }.map { .seconds($0) })
    }
}
