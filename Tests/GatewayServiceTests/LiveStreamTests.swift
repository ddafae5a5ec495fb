import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import MongoStore
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayService

@Suite(.timeLimit(.minutes(5))) struct LiveStreamTests {
    /// A gateway with a real server, and somebody signed in.
    private func withServer(
        _ change: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestGateway, Browser, User, String) async throws -> Void
    ) async throws {
        let gateway = try await TestGateway(change)
        try await gateway.test(.ahc()) { browser in
            let user = try await browser.register("ada")
            let port = try #require(browser.client.port)
            do {
                try await body(gateway, browser, user, "http://localhost:\(port)")
            } catch {
                gateway.parts.streams.drain()
                throw error
            }
            gateway.parts.streams.drain()
        }
    }

    private func batch(_ name: String, to users: [UserID], _ data: String) -> EventBatch {
        EventBatch(events: [.init(name: name, recipients: users, data: Array(data.utf8)[...])])
    }

    @Test func `a stream begins with the release of the gateway's pages`() async throws {
        try await withServer { gateway, ada, _, address in
            try await withEvents(address, token: ada.token ?? "") { reader in
                try await eventually("the release is told") { !reader.releases.isEmpty }
                #expect(reader.releases == ["{\"assets\":\"\(gateway.gateway.site.assets.version)\"}"])
            }
        }
    }

    @Test func `events reach every stream of their recipients, unparsed and in order, and nobody else`() async throws {
        try await withServer { gateway, ada, user, address in
            let bob = ada.other()
            let other = try await bob.register("bob")
            let tokens = [ada.token, ada.token, bob.token].map { $0 ?? "" }
            try await withEvents(address, token: tokens[0]) { first in
                try await withEvents(address, token: tokens[1]) { second in
                    try await withEvents(address, token: tokens[2]) { bobs in
                        let streams = gateway.parts.streams
                        #expect(streams.count == 3)
                        for number in 1...30 {
                            streams.deliver(batch("message.sent", to: [user.id], "{\"not parsed\": \(number)}"))
                        }
                        streams.deliver(batch("message.sent", to: [other.id, user.id], "both"))
                        let expected =
                            (1...30).map { EventReader.Event(name: "message.sent", data: "{\"not parsed\": \($0)}") }
                            + [EventReader.Event(name: "message.sent", data: "both")]
                        for reader in [first, second] {
                            try await eventually("all events came") { reader.events.count == 31 }
                            #expect(reader.events == expected)
                        }
                        try await eventually("the shared event came") { bobs.events.count == 1 }
                        #expect(bobs.events == [EventReader.Event(name: "message.sent", data: "both")])
                    }
                }
            }
        }
    }

    @Test func `a client that goes away is forgotten at once`() async throws {
        try await withServer { gateway, ada, _, address in
            try await withEvents(address, token: ada.token ?? "") { _ in #expect(gateway.parts.streams.count == 1) }
            try await eventually("the stream is forgotten") { gateway.parts.streams.count == 0 }
        }
    }

    @Test func `the end of a session closes its streams and no others`() async throws {
        try await withServer { gateway, ada, _, address in
            let other = ada.other()
            _ = try await other.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            try await withEvents(address, token: ada.token ?? "") { staying in
                try await withEvents(address, token: other.token ?? "") { ending in
                    _ = try await other.send(.delete, "/api/v1/session")
                    try await eventually("the stream has ended") { ending.isOver }
                    #expect(!staying.isOver)
                }
            }
        }
    }

    @Test func `a session that ended unheard is found out by looking`() async throws {
        try await withServer { gateway, ada, user, address in
            try await withEvents(address, token: ada.token ?? "") { reader in
                let key = SessionToken(ada.token ?? "")!.key
                _ = try await gateway.store.remove([key], of: user.id)
                await gateway.parts.streams.closeEnded(now: .now + .seconds(30))
                try await eventually("the stream has ended") { reader.isOver }
            }
        }
    }

    @Test func `while nothing tells whether a session goes on, its stream ends and none opens`() async throws {
        try await withServer { gateway, ada, user, address in
            let streams = gateway.parts.streams
            let other = ada.other()
            _ = try await other.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            // From now on the gateway remembers that session.
            #expect(try await other.get("/api/v1/sessions").status == .ok)
            try await withEvents(address, token: ada.token ?? "") { reader in
                await streams.closeEnded(now: .now + .seconds(30))
                let later = ContinuousClock.now + .seconds(60)
                gateway.store.fail(with: MongoError(.unavailable, message: "the database is gone"))
                await streams.closeEnded(now: later)
                await streams.tick(0, now: later)
                streams.deliver(batch("message.sent", to: [user.id], "\"heard\""))
                try await eventually("events still come") { reader.events.map(\.data) == ["\"heard\""] }

                streams.setHearing(false)
                await streams.tick(1, now: later)
                try await eventually("the stream has ended") { reader.isOver }
                try await withEvents(address, token: other.token ?? "") { next in
                    #expect(next.status == 200)
                    try await eventually("the next one ends, too") { next.isOver }
                }

                streams.setHearing(true)
                try await withEvents(address, token: other.token ?? "") { next in
                    #expect(next.status == 200)
                    streams.deliver(batch("message.sent", to: [user.id], "\"heard again\""))
                    try await eventually("events come again") { next.events.map(\.data) == ["\"heard again\""] }
                }
            }
        }
    }

    @Test func `a database that does not answer holds up no sign of life`() async throws {
        try await withServer { gateway, ada, _, address in
            try await withEvents(address, token: ada.token ?? "") { reader in
                gateway.store.slow(by: .seconds(60))
                let streams = gateway.parts.streams
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await streams.run() }
                    // The first came with the opening.
                    try await eventually("a sign of life came") { reader.signsOfLife >= 2 }
                    tasks.cancelAll()
                }
            }
        }
    }

    @Test func `the number of streams of a session and of a user is bounded`() async throws {
        try await withServer({ $0.streams.caps = .init(perSession: 2, perUser: 3) }) { _, ada, _, address in
            let token = ada.token ?? ""
            let other = ada.other()
            _ = try await other.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            let otherToken = other.token ?? ""
            try await withEvents(address, token: token) { _ in
                try await withEvents(address, token: token) { _ in
                    try await withEvents(address, token: token) { #expect($0.status == 429) }
                    try await withEvents(address, token: otherToken) { reader in
                        #expect(reader.status == 200)
                        try await withEvents(address, token: otherToken) { #expect($0.status == 429) }
                    }
                }
            }
        }
    }

    @Test func `streams without news get a sign of life every 15 seconds and a digest every 30`() async throws {
        try await withServer { gateway, ada, user, address in
            let bob = try await ada.other().register("bob")
            let conversation = try await ada.open("bob")
            try await ada.say("hello", in: conversation.id)
            _ = bob
            try await withEvents(address, token: ada.token ?? "") { reader in
                for second in 0..<StreamRegistry.signSlots { await gateway.parts.streams.tick(second) }
                // The first came with the opening.
                try await eventually("a sign of life came") { reader.signsOfLife == 2 }
                for second in 0..<StreamRegistry.digestInterval { await gateway.parts.streams.sendDigests(second) }
                try await eventually("a digest came") { reader.events.count == 1 }
                #expect(reader.events == [.init(name: "digest", data: "{\"\(conversation.id)\":1}")])
                _ = user
            }
        }
    }

    @Test func `all streams are told to sync, many of them over some seconds`() async throws {
        try await withServer({ $0.streams.resyncsPerSecond = 2 }) { gateway, ada, _, address in
            let token = ada.token ?? ""
            try await withEvents(address, token: token) { one in
                try await withEvents(address, token: token) { two in
                    try await withEvents(address, token: token) { three in
                        let streams = gateway.parts.streams
                        let readers = [one, two, three]
                        streams.resync()
                        streams.resync()
                        await streams.tick(100)
                        try await eventually("two of them know") { readers.flatMap(\.events).count == 2 }
                        await streams.tick(101)
                        try await eventually("all of them know") { readers.flatMap(\.events).count == 3 }
                        for reader in readers { #expect(reader.events.map(\.name) == ["resync"]) }
                    }
                }
            }
        }
    }

    @Test func `stopping tells every stream to come back later and ends it`() async throws {
        try await withServer { gateway, ada, _, address in
            try await withEvents(address, token: ada.token ?? "") { reader in
                gateway.parts.streams.drain()
                try await eventually("the stream has ended") { reader.isOver }
                #expect(reader.text.components(separatedBy: "retry: ").count == 3)
                try await withEvents(address, token: ada.token ?? "") { #expect($0.status == 503) }
            }
        }
    }

    @Test func `a reader that takes nothing is told to sync, then closed, and slows nobody`() async throws {
        try await withServer({ $0.streams.stallLimit = .seconds(3) }) { gateway, ada, user, address in
            let streams = gateway.parts.streams
            let port = try #require(ada.client.port)
            let stuck = try await StuckReader.open(port: port, token: ada.token ?? "")
            try await eventually("the stuck stream is open") { streams.count == 1 }
            try await withEvents(address, token: ada.token ?? "") { reader in
                let big = "\"" + String(repeating: "x", count: 60_000) + "\""
                // Far more than the buffers of the server and of the two kernels take.
                for number in 1...250 {
                    streams.deliver(batch("message.sent", to: [user.id], big))
                    try await eventually("the other reader has it") { reader.byteCount >= number * 60_000 }
                }
                #expect(!reader.text.contains("event: resync"))
                try await eventually("the stuck stream is closed") {
                    for second in 0..<StreamRegistry.signSlots { await streams.tick(second) }
                    return streams.count == 1
                }
                #expect(!reader.isOver)
            }
            try await stuck.close()
        }
    }

    @Test func `other sites cannot open a stream`() async throws {
        try await TestGateway().test { browser in
            try await browser.register("ada")
            let answer = try await browser.send(
                .get, "/api/v1/events", headers: [.secFetchSite: "cross-site"])
            #expect(answer.status == .forbidden)
        }
    }

    @Test func `a gateway with open streams stops in a moment`() async throws {
        let gateway = try await TestGateway()
        let port = AsyncStream<Int>.makeStream()
        let application = try gateway.gateway.application(logger: gateway.logger) { channel in
            port.continuation.yield(channel.localAddress?.port ?? 0)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: application), .init(service: gateway.parts.streams)], logger: gateway.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var ports = port.stream.makeAsyncIterator()
            let address = "http://127.0.0.1:\(await ports.next() ?? 0)"
            let user = try await FakeUser(gateway)
            try await withEvents(address, token: user.token) { reader in
                let begin = ContinuousClock.now
                await group.triggerGracefulShutdown()
                try await eventually("the stream has ended") { reader.isOver }
                #expect(reader.text.components(separatedBy: "retry: ").count == 3)
                #expect(ContinuousClock.now - begin < .seconds(5))
            }
            try await tasks.waitForAll()
        }
    }
}

/// Somebody with an account and a session, without any request.
private struct FakeUser {
    let user: User
    let token: String

    init(_ gateway: TestGateway) async throws {
        let password = try gateway.gateway.configuration.passwordKey.seal(
            "a long password", for: RegisterUser.passwordBinding(username: "ada"))
        let request = RegisterUser(id: .random(), username: "ada", displayName: nil, password: password)
        let account = try await gateway.chat.call(request, context: .background())
        user = account.user
        token = try await gateway.parts.sessions.begin(for: account, agent: "a test", replacing: nil).text
    }
}
