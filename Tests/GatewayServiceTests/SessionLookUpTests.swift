import ChatContracts
import MongoStore
import Testing

@testable import GatewayService

@Suite(.timeLimit(.minutes(5))) struct SessionLookUpTests {
    private func session(_ number: Int) -> Session {
        Session(
            key: SessionToken.random().key, user: UserID(high: 0, low: UInt64(number)), username: "user\(number)",
            credentialVersion: 1,
            agent: "a test", createdAt: .now, lastSeenAt: .now, expiresAt: .now + .seconds(60))
    }

    @Test func `a thousand look-ups at once are a few queries, and each finds its own session`() async throws {
        let base = MemorySessionStore()
        let store = CoalescingSessionStore(base)
        let sessions = (0..<1_000).map { session($0) }
        for session in sessions { try await store.insert(session) }
        let unknown = SessionToken.random().key
        base.slow(by: .milliseconds(50))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in sessions {
                group.addTask {
                    let found = try await store.find(session.key)
                    #expect(found == session)
                }
            }
            group.addTask {
                let found = try await store.find(unknown)
                #expect(found == nil)
            }
            group.addTask {
                let existing = try await store.existing([unknown])
                #expect(existing.isEmpty)
            }
            try await group.waitForAll()
        }
        #expect(base.finds < 20)
        #expect(try await store.find(sessions[0].key) != nil, "afterwards it is free again")
    }

    @Test func `everybody who waited is told that it failed, and the next query is a new one`() async throws {
        let base = MemorySessionStore()
        let store = CoalescingSessionStore(base)
        let session = session(1)
        try await store.insert(session)
        base.slow(by: .milliseconds(20))
        base.fail(with: MongoError(.unavailable, message: "away"))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await #expect(throws: MongoError.self) { try await store.find(session.key) }
                }
            }
        }
        base.fail(with: nil)
        #expect(try await store.find(session.key) == session)
    }

    @Test func `after a failure look-ups are sure for a while`() async throws {
        let base = MemorySessionStore()
        let store = CoalescingSessionStore(base, doubt: .seconds(1))
        let session = session(1)
        try await store.insert(session)
        #expect(try await store.find(session.key) == session)
        base.fail(with: MongoError(.busy, message: "too many"))
        await #expect(throws: MongoError.self) { try await store.find(session.key) }
        base.fail(with: nil)
        #expect(try await store.find(session.key) == session)
        #expect(base.sureFinds == 0)

        base.fail(with: MongoError(.unavailable, message: "away"))
        await #expect(throws: MongoError.self) { try await store.find(session.key) }
        base.fail(with: nil)
        #expect(try await store.find(session.key) == session)
        #expect(base.sureFinds == 1)
        let limit = ContinuousClock.now + .seconds(30)
        var sure = 0
        repeat {
            sure = base.sureFinds
            #expect(try await store.find(session.key) == session)
        } while base.sureFinds > sure && .now < limit
        #expect(base.sureFinds == sure, "they end being sure")
    }
}
