import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MessageBus
import NIOCore
import Synchronization
import Testing

@testable import GatewayService

/// A gateway on fakes, and what tests want to see of it.
struct TestGateway: Sendable {
    let chat: FakeChat
    let store = MemorySessionStore()
    let deviceKeys: MemoryDeviceKeyStore
    let drafts = MemoryDraftStore()
    let parts: GatewayParts
    let gateway: Gateway
    let logger: Logger

    /// - Parameters:
    ///   - deviceKeys: Shared by the gateways of one deployment.
    ///   - site: What it serves; nil for the files of the gateway.
    init(
        deviceKeys: MemoryDeviceKeyStore = MemoryDeviceKeyStore(), site: Site? = nil,
        _ change: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws {
        self.deviceKeys = deviceKeys
        let keys = try PasswordPrivateKeys(PasswordPrivateKeys.randomKey())
        let chat = FakeChat(keys: keys)
        self.chat = chat
        var configuration = GatewayConfiguration(passwordKey: keys.currentPublicKey)
        configuration.logsRequests = false
        // Longer than anything that a test does between two attempts, also on a busy machine.
        configuration.guessingDelay = .seconds(60)
        configuration.attemptRate = Rate(perSecond: 1_000, burst: 1_000)
        configuration.networkAttemptRate = Rate(perSecond: 1_000, burst: 1_000)
        configuration.anonymousRate = Rate(perSecond: 10_000, burst: 10_000)
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        parts = GatewayParts(
            configuration: configuration, store: store, requests: chat,
            buckets: .init(bind: { _ in }, unbind: { _ in }),
            publish: { _ in }, logger: logger)
        parts.sessions.cache.setHearing(true)
        parts.streams.setHearing(true)
        // Looks all sessions up once, as a running gateway does within seconds. Otherwise a test that takes longer than the
        // patience with sessions that nobody vouches for would see its streams closed.
        await parts.streams.closeEnded(now: .now + .seconds(10))
        var files = site
        if files == nil { files = try await Self.site.value }
        let typing = TypingNotices(requests: chat) { [parts] typing, companions in
            guard let data = try? JSONEncoder().encode(typing) else { return }
            parts.streams.deliver(
                EventBatch(events: [
                    .init(name: EventName.typing, recipients: companions.users, data: [UInt8](data)[...])
                ]))
        }
        gateway = Gateway(
            configuration: configuration, sessions: parts.sessions, directory: parts.directory,
            streams: parts.streams, typing: typing, deviceKeys: deviceKeys,
            drafts: DraftController(store: drafts) { [parts] draft, user in
                parts.streams.deliver(
                    EventBatch(events: [
                        .init(name: EventName.draftChanged, recipients: [user], data: draft.json[...])
                    ]))
            }, requests: chat, site: try #require(files))
    }

    /// Read once for all gateways of the tests: it takes seconds in a debug build.
    private static let site = Task { try await Site(EmojiAsset.Sources(), logger: Logger(label: "test")) }

    func test<Value: Sendable>(
        _ setup: TestingSetup = .router, _ body: @Sendable (Browser) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { [outdated = parts.sessions.outdated] in await outdated.run() }
            defer { services.cancelAll() }
            return try await gateway.application(logger: logger).test(setup) { client in
                try await body(Browser(client: client))
            }
        }
    }
}

/// A client that keeps its cookies, as browsers do.
final class Browser: Sendable {
    let client: any TestClientProtocol
    private let cookie = Mutex<String?>(nil)
    private let deviceCookie = Mutex<String?>(nil)

    init(client: any TestClientProtocol) { self.client = client }

    /// Another browser at the same gateway.
    func other() -> Browser { Browser(client: client) }

    var token: String? {
        get { cookie.withLock { $0 } }
        set { cookie.withLock { $0 = newValue } }
    }

    /// The value of the cookie by which accounts recognize the browser.
    var device: String? {
        get { deviceCookie.withLock { $0 } }
        set { deviceCookie.withLock { $0 = newValue } }
    }

    @discardableResult
    func send(
        _ method: HTTPRequest.Method, _ path: String, body: String? = nil, type: String = "application/json",
        headers: HTTPFields = [:], origin: String? = "same-origin"
    ) async throws -> TestResponse {
        var headers = headers
        if let origin, headers[.secFetchSite] == nil { headers[.secFetchSite] = origin }
        if body != nil, headers[.contentType] == nil { headers[.contentType] = type }
        let cookies = [token.map { "martlet=\($0)" }, device.map { "martlet-device=\($0)" }].compactMap(\.self)
        if !cookies.isEmpty { headers[.cookie] = cookies.joined(separator: "; ") }
        return try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            for header in response.headers[values: .setCookie] where header.hasPrefix("martlet=") {
                let value = header.dropFirst("martlet=".count).prefix { $0 != ";" }
                self.token = value.isEmpty ? nil : String(value)
            }
            for header in response.headers[values: .setCookie] where header.hasPrefix("martlet-device=") {
                self.device = String(header.dropFirst("martlet-device=".count).prefix { $0 != ";" })
            }
            return response
        }
    }

    func get(_ path: String) async throws -> TestResponse { try await send(.get, path) }

    func post(_ path: String, _ body: String) async throws -> TestResponse { try await send(.post, path, body: body) }

    func submit(_ path: String, _ form: [String: String]) async throws -> TestResponse {
        let body = form.map { "\($0)=\(FormFields.encoded($1))" }.joined(separator: "&")
        return try await send(.post, path, body: body, type: "application/x-www-form-urlencoded")
    }

    @discardableResult
    func register(_ username: String, password: String = "a long password") async throws -> User {
        let response = try await post(
            "/api/v1/accounts", #"{"username":"\#(username)","password":"\#(password)"}"#)
        try #require(response.status == .created)
        return try response.decode(User.self)
    }

    func open(_ username: String) async throws -> Conversation {
        try await post("/api/v1/conversations", #"{"username":"\#(username)"}"#).decode(Conversation.self)
    }

    @discardableResult
    func say(_ text: String, in conversation: ConversationID, id: ClientMessageID = .random()) async throws -> Message {
        let body = String(
            decoding: try JSONEncoder().encode(["clientMessageId": id.description, "text": text]), as: UTF8.self)
        return try await post("/api/v1/conversations/\(conversation)/messages", body).decode(Message.self)
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.readableBytesView))
    }

    var json: JSONValue? { try? JSONValue(parsing: Array(body.readableBytesView)) }

    var problemCode: String? { if case .string(let code)? = json?["code"] { code } else { nil } }
    var isAccepted: Bool { json?["accepted"] == .bool(true) }
    var problemField: String? { if case .string(let field)? = json?["field"] { field } else { nil } }
}
