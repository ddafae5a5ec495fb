import ChatContracts
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import MessageBus
import MongoStore
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayService

/// What becomes of sessions when their password is changed.
@Suite("Sessions and changed passwords", .serialized, .timeLimit(.minutes(5)))
struct PasswordChangeTests {
    private let signIn = #"{"username":"ada","password":"a long password"}"#

    @Test func `A session from before a change that nobody told of is refused when it is looked up, and removed`()
        async throws
    {
        let gateway = try await TestGateway { $0.sessionCacheLifetime = .zero }
        try await gateway.test { browser in
            let user = try await browser.register("ada")
            #expect(try await browser.get("/api/v1/account").status == .ok)
            gateway.chat.withState { $0.versions[user.id] = 2 }
            #expect(try await browser.get("/api/v1/account").status == .unauthorized)
            try await eventually("the session is gone") { try await gateway.store.list(of: user.id).isEmpty }
            let fresh = browser.other()
            #expect(try await fresh.post("/api/v1/session", signIn).status == .ok)
            #expect(try await fresh.get("/api/v1/account").status == .ok)
        }
    }

    @Test func `A session without a version in its document counts as the first`() throws {
        let session = Session(
            key: SessionToken.random().key, user: .random(), username: "ada", credentialVersion: 7, agent: "a test",
            createdAt: .now, lastSeenAt: .now, expiresAt: .now)
        #expect(try Session(bson: BSONDocument { session.write(to: &$0) }).credentialVersion == 7)
        let old = BSONDocument { writer in
            writer.append("_id", binary: session.key.bytes)
            writer.append("u", binary: session.user.bytes)
            writer.append("n", "ada")
            writer.append("a", "a test")
            for name in ["c", "s", "e"] { writer.append(name, BSONDate(0)) }
        }
        #expect(try Session(bson: old).credentialVersion == 1)
    }

    @Test func `While the users service is away nobody is signed out, except by what is known`() async throws {
        let gateway = try await TestGateway { $0.sessionCacheLifetime = .zero }
        try await gateway.test { browser in
            let user = try await browser.register("ada")
            gateway.chat.withState { state in
                state.versions[user.id] = 2
                state.failure = .unavailable("A part of the chat server")
            }
            #expect(try await browser.get("/api/v1/sessions").status == .ok)
            gateway.parts.sessions.heard(CredentialsChanged(user: user.id, version: 2))
            #expect(try await browser.get("/api/v1/sessions").status == .unauthorized)
        }
    }

    @Test func `A sign-in that was checked before a change and answered after it makes no session`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { browser in
            let user = try await browser.register("ada")
            gateway.parts.sessions.heard(CredentialsChanged(user: user.id, version: 2))
            let late = try await browser.other().post("/api/v1/session", signIn)
            #expect(late.status == .unauthorized)
            #expect(late.text.contains("changed at this moment"))
        }
    }

    @Test func `A stream of an outdated session ends when the change is heard of, or when its user's turn comes`()
        async throws
    {
        let gateway = try await TestGateway()
        try await gateway.test(.live) { browser in
            let address = "http://127.0.0.1:\(browser.client.port ?? 0)"
            let user = try await browser.register("ada")
            let other = browser.other()
            _ = try await other.post("/api/v1/session", signIn)
            try await withEvents(address, token: browser.token ?? "") { heard in
                gateway.parts.sessions.heard(CredentialsChanged(user: user.id, version: 2))
                try await eventually("the stream has ended") { heard.isOver }
            }
            gateway.chat.withState { $0.versions[user.id] = 2 }
            _ = try await other.post("/api/v1/session", signIn)
            try await withEvents(address, token: other.token ?? "") { unheard in
                for second in 0..<StreamRegistry.credentialSlots {
                    await gateway.parts.streams.closeOutdated(second)
                }
                #expect(!unheard.isOver, "it has the present version")
                gateway.chat.withState { $0.versions[user.id] = 3 }
                for second in 0..<StreamRegistry.credentialSlots {
                    await gateway.parts.streams.closeOutdated(second)
                }
                try await eventually("the stream has ended") { unheard.isOver }
            }
        }
    }

    @Test func `No session that was opened with the old password beside a change survives it, on any gateway`()
        async throws
    {
        try await withRunningChat(
            gateways: 2,
            gatewayFlags: ["--limits-attempts-per-minute", "100000", "--limits-network-attempts-per-minute", "100000"]
        ) { chat in
            var opened = 0
            for round in 0..<12 {
                let name = "racer\(round)"
                let owner = chat.browser(round % 2)
                _ = try await owner.register(name)
                let old = #"{"username":"\#(name)","password":"korrekt pferd"}"#
                let thieves = try await withThrowingTaskGroup(of: LiveBrowser?.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            let thief = chat.browser(number % 2)
                            try await Task.sleep(for: .milliseconds(Int.random(in: 0...8)))
                            let answer = try await thief.send(.POST, "/api/v1/session", body: old)
                            return answer.status == 200 ? thief : nil
                        }
                    }
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...8)))
                        let answer = try await owner.send(
                            .POST, "/api/v1/account/password",
                            body: #"{"currentPassword":"korrekt pferd","newPassword":"ein neues pferd"}"#)
                        #expect(answer.status == 204, "\(answer.text)")
                        return nil
                    }
                    return try await group.reduce(into: [LiveBrowser]()) { if let thief = $1 { $0.append(thief) } }
                }
                opened += thieves.count
                // At once, on both gateways: none of them was looked up before.
                for thief in thieves {
                    for address in chat.addresses {
                        let browser = LiveBrowser(address: address, token: thief.token)
                        #expect(try await browser.send(.GET, "/api/v1/account").status == 401, "round \(round)")
                    }
                }
                #expect(try await owner.send(.GET, "/api/v1/account").status == 200, "round \(round)")
            }
            #expect(opened > 0, "the rounds were no races")
        }
    }

    @Test func `A change of which no gateway gets the answer ends sessions and streams on every gateway at once`()
        async throws
    {
        try await withRunningChat(gateways: 2) { chat in
            let here = chat.browser(0)
            let user = try await here.register("ada")
            let there = chat.browser(1)
            try await there.signIn("ada")
            for browser in [here, there] { #expect(try await browser.send(.GET, "/api/v1/account").status == 200) }
            try await withEvents(chat.addresses[0], token: here.token) { heres in
                try await withEvents(chat.addresses[1], token: there.token) { theres in
                    try await change(user.id, in: chat)
                    for reader in [heres, theres] {
                        try await eventually("the stream has ended") { reader.isOver }
                    }
                }
            }
            for address in chat.addresses {
                for token in [here.token, there.token] {
                    let browser = LiveBrowser(address: address, token: token)
                    #expect(try await browser.send(.GET, "/api/v1/account").status == 401)
                }
            }
        }
    }

    /// Changes the password without a gateway, as one does whose answer got lost.
    private func change(_ user: UserID, in chat: RunningChat) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let bus = MessageBus(
            configuration: BusConfiguration(
                endpoints: [.init(host: chat.broker.host, port: chat.broker.port)],
                virtualHost: chat.broker.virtualHost, username: chat.broker.username, password: chat.broker.password,
                service: "gateway"), logger: logger)
        let client = RequestClient(bus: bus, logger: logger)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: bus), .init(service: client)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the bus is ready") { client.isSubscribed && bus.isReady }
            let request = ChangePassword(
                user: user,
                currentPassword: try chat.passwordKey.seal(
                    "korrekt pferd", for: ChangePassword.currentPasswordBinding(user: user)),
                newPassword: try chat.passwordKey.seal(
                    "ein neues pferd", for: ChangePassword.newPasswordBinding(user: user)),
                credentialVersion: 1)
            _ = try await client.call(
                request, queue: Topology.userCommands, form: .command, context: .background(timeout: .seconds(20)))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `The sessions of a changed password are gone from the database, and only those`() async throws {
        try await withDatabase { access in
            let database = try MongoDatabase(configuration: access.configuration, logger: .init(label: "test"))
            let store = MongoSessionStore(database: database)
            let user = UserID.random()
            func session(_ version: Int64, of owner: UserID) -> Session {
                Session(
                    key: SessionToken.random().key, user: owner, username: "ada", credentialVersion: version,
                    agent: "a test", createdAt: .now, lastSeenAt: .now, expiresAt: .now + .seconds(60))
            }
            let kept = [session(3, of: user), session(1, of: .random())]
            for session in kept + [session(1, of: user), session(2, of: user)] { try await store.insert(session) }
            let collection = database.collection("sessions")
            try await collection.insert(
                BSONDocument { writer in
                    writer.append("_id", binary: SessionToken.random().key.bytes)
                    writer.append("u", binary: user.bytes)
                })
            try await store.removeOutdated(of: user, below: 3)
            try await store.removeOutdated(of: user, below: 3)
            let left = try await collection.find(BSONDocument { _ in })
            #expect(Set(try left.map { try $0.binary("_id") }) == Set(kept.map(\.key.bytes)))
            await database.shutdown()
        }
    }
}
