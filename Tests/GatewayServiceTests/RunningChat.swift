import AsyncHTTPClient
import ChatContracts
import Foundation
import Logging
import MessageBus
import MessagesService
import NIOCore
import NIOHTTP1
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import UsersService

@testable import GatewayService

/// The whole chat as it runs in production, in this process: gateways, users and messages on a real broker and a real
/// database.
struct RunningChat: Sendable {
    /// One for each gateway.
    let addresses: [String]
    let readiness: [Readiness]
    let broker: BrokerAccess
    /// What passwords are sealed with.
    let passwordKey: PasswordPublicKey

    func browser(_ gateway: Int = 0) -> LiveBrowser { LiveBrowser(address: addresses[gateway]) }
}

/// A program that keeps its cookie and says where it comes from.
final class LiveBrowser: Sendable {
    struct Response: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body))
        }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let address: String
    private let cookie = Mutex<String?>(nil)

    init(address: String, token: String? = nil) {
        self.address = address
        cookie.withLock { $0 = token }
    }

    var token: String { cookie.withLock { $0 } ?? "" }

    @discardableResult
    func send(
        _ method: HTTPMethod, _ path: String, body: String? = nil, type: String = "application/json"
    ) async throws -> Response {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers.add(name: "Origin", value: address)
        if !token.isEmpty { request.headers.add(name: "Cookie", value: "martlet=\(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        for header in response.headers["Set-Cookie"] where header.hasPrefix("martlet=") {
            let value = String(header.dropFirst("martlet=".count).prefix { $0 != ";" })
            cookie.withLock { $0 = value }
        }
        let body = try await response.body.collect(upTo: 1 << 22)
        return Response(
            status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }

    func register(_ username: String, displayName: String? = nil) async throws -> User {
        let name = displayName.map { #","displayName":"\#($0)""# } ?? ""
        return try await send(
            .POST, "/api/v1/accounts", body: #"{"username":"\#(username)","password":"korrekt pferd"\#(name)}"#
        ).decode(User.self)
    }

    func signIn(_ username: String) async throws {
        try await send(.POST, "/api/v1/session", body: #"{"username":"\#(username)","password":"korrekt pferd"}"#)
    }

    func open(_ username: String) async throws -> Conversation {
        try await send(.POST, "/api/v1/conversations", body: #"{"username":"\#(username)"}"#).decode(Conversation.self)
    }

    func say(_ text: String, in conversation: ConversationID, id: ClientMessageID = .random()) async throws -> Response
    {
        let body = try JSONEncoder().encode(["clientMessageId": id.description, "text": text])
        return try await send(
            .POST, "/api/v1/conversations/\(conversation)/messages", body: String(decoding: body, as: UTF8.self))
    }

    func history(_ conversation: ConversationID) async throws -> MessagePage {
        try await send(.GET, "/api/v1/conversations/\(conversation)/messages").decode(MessagePage.self)
    }
}

/// Runs the whole chat on a virtual host and databases of its own.
func withRunningChat(
    gateways: Int = 1, gatewayFlags: [String] = [], _ body: @Sendable (RunningChat) async throws -> Void
) async throws {
    try await withVirtualHost { broker in
        try await withRunningChat(on: broker, gateways: gateways, gatewayFlags: gatewayFlags, body)
    }
}

/// Runs the whole chat on a given virtual host and databases of its own.
func withRunningChat(
    on broker: BrokerAccess, gateways: Int = 1, gatewayFlags: [String] = [],
    _ body: @Sendable (RunningChat) async throws -> Void
) async throws {
    try await withDatabase { users in
        try await withDatabase { messages in
            try await withDatabase { sessions in
                try await run(
                    broker: broker, users: users, messages: messages, sessions: sessions, gateways: gateways,
                    gatewayFlags: gatewayFlags, body)
            }
        }
    }
}

private func run(
    broker: BrokerAccess, users: DatabaseAccess, messages: DatabaseAccess, sessions: DatabaseAccess, gateways: Int,
    gatewayFlags: [String], _ body: @Sendable (RunningChat) async throws -> Void
) async throws {
    var logger = Logger(label: "gateway-tests")
    logger.logLevel = .error
    let administrator = BusConfiguration(
        endpoints: [.init(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost,
        username: broker.username, password: broker.password, service: "tests")
    try await Turns.topology.take { try await declareTopology(administrator, logger: logger) }

    let keys = PasswordPrivateKeys.randomKey()
    let publicKey = try PasswordPrivateKeys(keys).currentPublicKey.description
    func runtime(
        _ service: String, _ settings: [any DeclaredSetting], _ database: DatabaseAccess, _ flags: [String]
    ) throws -> ServiceRuntime {
        let reader = try SettingsReader(
            service: service, settings: settings, arguments: flags,
            environment: [
                "MARTLET_BROKER_HOSTS": "\(broker.host):\(broker.port)",
                "MARTLET_BROKER_VIRTUAL_HOST": broker.virtualHost, "MARTLET_BROKER_USER": broker.username,
                "MARTLET_BROKER_PASSWORD": broker.password, "MARTLET_DATABASE_URI": database.uri,
                "MARTLET_DATABASE_NAME": database.database, "MARTLET_DATABASE_USER": database.username,
                "MARTLET_DATABASE_PASSWORD": database.password, "MARTLET_DATABASE_AUTH_SOURCE": database.authSource,
                "MARTLET_PASSWORDS_PRIVATE_KEYS": keys, "MARTLET_PASSWORDS_PUBLIC_KEY": publicKey,
            ])
        return ServiceRuntime(
            settings: reader, logger: logger, readiness: Readiness(lifetime: .milliseconds(100)))
    }

    let usersRuntime = try runtime(
        "users", UsersSettings.all, users, ["--passwords-memory", "64KiB", "--passwords-iterations", "1"])
    let messagesRuntime = try runtime("messages", MessagesSettings.all, messages, [])
    let gatewayRuntimes = try (0..<gateways).map { _ in
        try runtime("gateway", GatewaySettings.all, sessions, ["--http-port", "0"] + gatewayFlags)
    }
    var services = try await buildUsersService(usersRuntime)
    services += try await buildMessagesService(messagesRuntime)
    for runtime in gatewayRuntimes { services += try await buildGateway(runtime) }
    let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: logger))

    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let runtimes = [usersRuntime, messagesRuntime] + gatewayRuntimes
            try await eventually("everything is ready") {
                for runtime in runtimes where await !runtime.readiness.report().isReady { return false }
                return gatewayRuntimes.allSatisfy { $0.addresses["http"] != nil }
            }
            try await body(
                RunningChat(
                    addresses: gatewayRuntimes.compactMap { $0.addresses["http"] }.map { "http://\($0)" },
                    readiness: gatewayRuntimes.map(\.readiness),
                    broker: broker, passwordKey: try PasswordPublicKey(publicKey)))
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
