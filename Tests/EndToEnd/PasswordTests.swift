import AsyncHTTPClient
import ChatContracts
import Foundation
import LocalStack
import Logging
import MessageBus
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import SetupCommand
import StackCommand
import TestSupport
import Testing

/// Where passwords are left behind when real programs have handled them.
@Suite("Passwords", .timeLimit(.minutes(5)))
struct PasswordTests {
    /// A sign-up with a malformed id: it is dead-lettered unchanged.
    private struct BrokenSignUp: ServiceRequest {
        static let typeName = RegisterUser.typeName
        typealias Reply = AuthenticatedUser
        var id = "not an id"
        var username: String
        var password: SealedPassword
    }

    @Test func `No password is in any file of the stack, neither of broker and database nor in logs and dead letters`()
        async throws
    {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        var options = Stack.Options(folder: folder.url, executables: Programs.ownFolder)
        options.signalWhenOrphaned = .kill
        options.environment = ["MARTLET_LOG_LEVEL": "trace"]
        let stack = try Stack(options)
        try await stack.start()
        let address = try #require(stack.gateways.first?.address)
        let signUp = Self.secret("up")
        let change = Self.secret("change")
        let guess = Self.secret("guess")
        let letter = Self.secret("letter")
        // What is published as it is must be found by the same search.
        let control = Self.secret("control")

        let cookie = try await send(
            address, "/api/v1/accounts", #"{"username":"ada","displayName":"\#(control)","password":"\#(signUp)"}"#,
            expecting: 201)
        try await send(address, "/api/v1/session", #"{"username":"ada","password":"\#(signUp)"}"#, expecting: 200)
        try await send(address, "/api/v1/session", #"{"username":"ada","password":"\#(guess)"}"#, expecting: 401)
        try await send(
            address, "/api/v1/account/password", #"{"currentPassword":"\#(signUp)","newPassword":"\#(change)"}"#,
            cookie: cookie, expecting: 204)
        try await send(address, "/api/v1/session", #"{"username":"ada","password":"\#(change)"}"#, expecting: 200)
        try await setAside(letter, on: stack, in: folder.url)
        await stack.stop()

        let found = try Self.files(in: folder.url, with: [signUp, change, guess, letter, control])
        #expect(found[control]?.contains { $0.hasPrefix("broker/") } == true, "the search finds what is there")
        for password in [signUp, change, guess, letter] {
            #expect(found[password] == nil, "in \(found[password] ?? [])")
        }
    }

    private static func secret(_ name: String) -> String { "\(name)-\(UserID.random())" }

    @discardableResult
    private func send(
        _ address: String, _ path: String, _ body: String, cookie: String? = nil, expecting status: UInt
    ) async throws -> String? {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Origin", value: address)
        request.headers.add(name: "Content-Type", value: "application/json")
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 1 << 20)
        #expect(response.status.code == status, "\(path): \(String(buffer: answer))")
        return response.headers["Set-Cookie"].first.map { String($0.prefix { $0 != ";" }) }
    }

    /// Sends a malformed sign-up with a sealed password, and waits until it has been refused and dead-lettered.
    private func setAside(_ password: String, on stack: Stack, in folder: URL) async throws {
        let secrets = SecretsFolder(folder.appending(path: "secrets"))
        let key = try PasswordPublicKey(String(contentsOf: secrets.passwordPublicKeyFile, encoding: .utf8))
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let bus = MessageBus(
            configuration: BusConfiguration(
                endpoints: [.init(host: "127.0.0.1", port: stack.broker.port)],
                virtualHost: ServiceBuilder.virtualHost, username: "gateway",
                password: try secrets.brokerPassword(of: .gateway), service: "gateway"), logger: logger)
        let client = RequestClient(bus: bus, logger: logger)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: bus), .init(service: client)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the bus is ready") { client.isSubscribed && bus.isReady }
            let request = BrokenSignUp(
                username: "eve", password: try key.seal(password, for: RegisterUser.passwordBinding(username: "eve")))
            let error = await #expect(throws: BusError.self) {
                try await client.call(
                    request, queue: Topology.userCommands, form: .command, context: .background(timeout: .seconds(20)))
            }
            #expect(error?.fault?.code == .invalid)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The files below a folder in which each of the texts is.
    private static func files(in folder: URL, with texts: [String]) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let file = folder.appending(path: path)
            guard let data = try? Data(contentsOf: file, options: .mappedIfSafe), !data.isEmpty else { continue }
            for text in texts where data.range(of: Data(text.utf8)) != nil { found[text, default: []].append(path) }
        }
        return found
    }
}
