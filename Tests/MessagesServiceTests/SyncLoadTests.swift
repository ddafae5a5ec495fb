import ChatContracts
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

@Suite("Syncs of some against everybody else", .serialized, .timeLimit(.minutes(5)))
struct SyncLoadTests {
    private static let attackers = 3
    private static let conversations = 60

    @Test func `Three accounts that sync from cursors above every head keep nobody else waiting for a second`()
        async throws
    {
        try await withMessagesService { running async throws in
            let (ada, bob) = (UserID.random(), UserID.random())
            try await running.open(ada, bob)
            try await running.send("hello", by: ada, in: .direct(ada, bob))
            var attacks: [SyncChanges] = []
            for _ in 0..<Self.attackers {
                let attacker = UserID.random()
                let others = (0..<Self.conversations).map { _ in UserID.random() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for other in others { group.addTask { try await running.open(attacker, other) } }
                    try await group.waitForAll()
                }
                let cursors = others.map { (ConversationID.direct(attacker, $0), Int64.max) }
                attacks.append(
                    SyncChanges(user: attacker, cursors: Dictionary(uniqueKeysWithValues: cursors), recent: 0))
            }
            var longest: Duration = .seconds(100)
            for _ in 0..<3 where longest >= .seconds(1) {
                longest = try await Self.longestWait(of: bob, in: running, during: attacks)
            }
            #expect(longest < .seconds(1))
        }
    }

    /// Lets every attack run eight times at once for three seconds, and meanwhile asks what a page asks.
    private static func longestWait(
        of user: UserID, in running: RunningMessages, during attacks: [SyncChanges]
    ) async throws -> Duration {
        let end = ContinuousClock.now + .seconds(3)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for attack in attacks {
                for _ in 0..<8 {
                    group.addTask {
                        while ContinuousClock.now < end {
                            _ = await fault { try await running.query(attack) }
                        }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            var longest: Duration = .zero
            while ContinuousClock.now < end {
                let start = ContinuousClock.now
                let page = try await running.query(ListConversations(user: user))
                let id = try #require(page.conversations.first?.id)
                _ = try await running.query(ReadHistory(user: user, conversation: id, limit: 50))
                longest = max(longest, ContinuousClock.now - start)
            }
            try await group.waitForAll()
            return longest
        }
    }

    @Test func `More cursors above the heads than one answer settles are settled by the next ones, each exactly`()
        async throws
    {
        try await withMessagesService { running async throws in
            let ada = UserID.random()
            let others = (0..<7).map { _ in UserID.random() }
            for other in others {
                try await running.open(ada, other)
                try await running.send("x", by: ada, in: .direct(ada, other))
            }
            var query = SyncQuery(store: running.store)
            query.sureBudget = 3
            var cursors = Dictionary(uniqueKeysWithValues: others.map { (ConversationID.direct(ada, $0), Int64(9)) })
            var sizes: [Int] = []
            while true {
                let response = try await query(SyncChanges(user: ada, cursors: cursors, recent: 0))
                #expect(response.conversations.count == 7)
                #expect(response.changes.allSatisfy { $0.reset && $0.cursor == 1 && $0.messages.map(\.seq) == [1] })
                sizes.append(response.changes.count)
                for changes in response.changes { cursors[changes.conversation] = changes.cursor }
                if !response.more { break }
            }
            #expect(sizes == [3, 3, 1])
            #expect(cursors.values.allSatisfy { $0 == 1 })
        }
    }
}
