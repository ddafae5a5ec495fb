import ChatContracts
import Logging
import TestSupport
import Testing

@testable import GatewayService

/// Sessions that a change of password has ended leave the database while the gateway runs.
@Suite(.timeLimit(.minutes(5))) struct OutdatedSessionsTests {
    private let store = MemorySessionStore()
    private let users = (0..<3).map { _ in UserID.random() }

    private func outdated(capacity: Int = 100) -> OutdatedSessions {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return OutdatedSessions(store: store, capacity: capacity, logger: logger)
    }

    private func insert(version: Int64, of user: UserID) async throws {
        try await store.insert(
            Session(
                key: SessionToken.random().key, user: user, username: "ada", credentialVersion: version,
                agent: "a test", createdAt: .now, lastSeenAt: .now, expiresAt: .now + .seconds(60)))
    }

    private func versions(of user: UserID) async throws -> [Int64] {
        try await store.list(of: user).map(\.credentialVersion).sorted()
    }

    @Test func `only the running service removes, what came before as well, and it ends when it is told`() async throws
    {
        let outdated = outdated()
        for version in 1...3 { try await insert(version: Int64(version), of: users[0]) }
        try await insert(version: 1, of: users[1])
        outdated.remove(of: users[0], below: 2)
        outdated.remove(of: users[0], below: 3)
        outdated.remove(of: users[0], below: 1)
        #expect(outdated.count == 1)
        // Nothing works on it that nobody has started.
        for _ in 0..<100 { await Task.yield() }
        #expect(try await versions(of: users[0]) == [1, 2, 3])
        let run = Task { await outdated.run() }
        try await eventually("the old ones are gone") { try await versions(of: users[0]) == [3] }
        outdated.remove(of: users[1], below: 2)
        try await eventually("later ones as well") { try await versions(of: users[1]) == [] }
        run.cancel()
        await run.value
        try await insert(version: 1, of: users[2])
        outdated.remove(of: users[2], below: 2)
        for _ in 0..<100 { await Task.yield() }
        #expect(try await versions(of: users[2]) == [1])
    }

    @Test func `what waits is bounded, and one user waits once`() async throws {
        let outdated = outdated(capacity: 2)
        for user in users { try await insert(version: 1, of: user) }
        for user in users + users { outdated.remove(of: user, below: 2) }
        #expect(outdated.count == 2)
        let run = Task { await outdated.run() }
        try await eventually("two are done") { outdated.count == 0 }
        run.cancel()
        await run.value
        var left = 0
        for user in users { left += try await versions(of: user).count }
        #expect(left == 1)
    }
}
