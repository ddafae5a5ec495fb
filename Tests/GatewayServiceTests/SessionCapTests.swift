import ChatContracts
import HTTPTypes
import HummingbirdTesting
import Logging
import MongoStore
import TestSupport
import Testing

@testable import GatewayService

@Suite("The number of sessions", .timeLimit(.minutes(5)))
struct SessionCapTests {
    private let signIn = #"{"username":"ada","password":"a long password"}"#

    @Test func `One more than allowed ends the one that was not used for the longest time`() async throws {
        let gateway = try await TestGateway { $0.sessionsPerUser = 3 }
        try await gateway.test { first in
            let user = try await first.register("ada")
            var browsers = [first]
            for _ in 0..<2 {
                let browser = first.other()
                _ = try await browser.post("/api/v1/session", signIn)
                browsers.append(browser)
            }
            // The first was used last.
            let now = Timestamp.now
            for (index, browser) in browsers.enumerated() {
                try await gateway.store.touch(
                    SessionToken(browser.token ?? "")!.key,
                    lastSeenAt: Timestamp(milliseconds: now.milliseconds - Int64(index * 60_000)),
                    expiresAt: now + .seconds(600))
            }
            let fourth = first.other()
            #expect(try await fourth.post("/api/v1/session", signIn).status == .ok)
            #expect(try await gateway.store.list(of: user.id).count == 3)
            #expect(try await browsers[2].get("/api/v1/account").status == .unauthorized)
            for browser in [browsers[0], browsers[1], fourth] {
                #expect(try await browser.get("/api/v1/account").status == .ok)
            }
            let list = try await fourth.get("/api/v1/sessions").decode(SessionList.self).sessions
            #expect(list.count == 3 && list.filter(\.isCurrent).count == 1)
        }
    }

    @Test func `However many there are from before the limit, the list has the caller's own, marked`() async throws {
        try await withDatabase { access in
            let database = try MongoDatabase(configuration: access.configuration, logger: .init(label: "test"))
            let store = MongoSessionStore(database: database)
            let user = UserID.random()
            func session(_ age: Int64) -> Session {
                let used = Timestamp(milliseconds: Timestamp.now.milliseconds - age * 1_000)
                return Session(
                    key: SessionToken.random().key, user: user, username: "ada", credentialVersion: 1, agent: "a test",
                    createdAt: used, lastSeenAt: used, expiresAt: .now + .seconds(600))
            }
            let oldest = session(10_000)
            try await store.insert(oldest)
            for age in 0..<230 { try await store.insert(session(Int64(age))) }
            let gateway = try await TestGateway()
            let sessions = Sessions(
                store: store, cache: SessionCache(lifetime: .seconds(10)), lifetime: SessionLifetime(),
                maximumPerUser: 50, credentials: gateway.parts.streams.credentials, logger: gateway.logger,
                onEnd: { _ in }, onOutdated: { _ in }, publish: { _ in })
            let list = try await sessions.list(with: oldest)
            #expect(list.count == Session.mostPerUser)
            #expect(list.contains { $0.key == oldest.key })

            let account = AuthenticatedUser(
                user: User(id: user, username: "ada", displayName: "ada", createdAt: .now), credentialVersion: 1)
            let token = try await sessions.begin(for: account, agent: "a test", replacing: nil)
            let left = try await store.list(of: user)
            #expect(left.count == 50)
            #expect(left.first?.key == token.key)
            #expect(!left.contains { $0.key == oldest.key })
            await database.shutdown()
        }
    }
}
