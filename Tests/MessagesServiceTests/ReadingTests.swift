import ChatContracts
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

@Suite("Reading and catching up", .serialized, .timeLimit(.minutes(5)))
struct ReadingTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    /// Fills a conversation quickly, as lanes would.
    private func fill(_ running: RunningMessages, _ count: Int) async throws {
        try await running.open(ada, bob)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask { try await running.send("\(number)", by: ada, in: conversation) }
            }
            try await group.waitForAll()
        }
    }

    @Test func `History pages are exact at both ends and in the middle`() async throws {
        try await withMessagesService { running async throws in
            try await fill(running, 25)
            func page(before: Int64? = nil, after: Int64? = nil, _ limit: Int) async throws -> MessagePage {
                try await running.query(
                    ReadHistory(user: bob, conversation: conversation, before: before, after: after, limit: limit))
            }
            func expect(_ page: MessagePage, _ range: ClosedRange<Int64>?, older: Bool, newer: Bool) {
                #expect(page.messages.map(\.seq) == range.map(Array.init) ?? [])
                #expect(page.hasOlder == older)
                #expect(page.hasNewer == newer)
                #expect(page.head == 25)
            }
            expect(try await page(10), 16...25, older: true, newer: false)
            expect(try await page(200), 1...25, older: false, newer: false)
            expect(try await page(before: 16, 10), 6...15, older: true, newer: true)
            expect(try await page(before: 6, 10), 1...5, older: false, newer: true)
            expect(try await page(before: 1, 10), nil, older: false, newer: true)
            expect(try await page(before: 0, 10), nil, older: false, newer: true)
            expect(try await page(before: .max, 5), 21...25, older: true, newer: false)
            expect(try await page(after: 0, 10), 1...10, older: false, newer: true)
            expect(try await page(after: 10, 10), 11...20, older: true, newer: true)
            expect(try await page(after: 20, 5), 21...25, older: true, newer: false)
            expect(try await page(after: 25, 5), nil, older: true, newer: false)
            expect(try await page(after: .max, 5), nil, older: true, newer: false)
            for limit in [0, 201, -1] {
                #expect(await fault { try await page(limit) }?.code == .invalid)
            }
            #expect(await fault { try await page(before: 3, after: 1, 10) }?.code == .invalid)
        }
    }

    @Test func `A client that follows its cursors ends with exactly the server's state, from any cursor`() async throws
    {
        try await withMessagesService { running async throws in
            try await fill(running, 40)
            let all = try await running.stored(conversation)
            for cursor in [Int64(0), 1, 39, 40] {
                let response = try await running.query(SyncChanges(user: bob, cursors: [conversation: cursor]))
                #expect(!response.more)
                #expect(response.conversations.map(\.head) == [40])
                #expect(response.conversations.map(\.unread) == [40])
                if cursor == 40 {
                    #expect(response.changes.isEmpty)
                } else {
                    #expect(response.changes.map(\.cursor) == [40])
                    #expect(response.changes.flatMap(\.messages) == Array(all[Int(cursor)...]))
                    #expect(response.changes.allSatisfy { !$0.reset })
                }
            }
            let ahead = try await running.query(SyncChanges(user: bob, cursors: [conversation: 41]))
            #expect(ahead.changes.map(\.reset) == [true])
            #expect(ahead.changes.map(\.cursor) == [40])
            #expect(ahead.changes.flatMap(\.messages) == all)

            // Small answers, and a cursor of another conversation, to see the paging.
            let query = SyncQuery(store: running.store, messageBudget: 7, byteBudget: 1_000)
            var cursor: Int64 = 3
            var got: [Message] = []
            while true {
                let response = try await query(SyncChanges(user: bob, cursors: [conversation: cursor], recent: 0))
                let changes = try #require(response.changes.first)
                #expect(changes.messages.count <= 7)
                got += changes.messages
                cursor = changes.cursor
                if !response.more { break }
            }
            #expect(got == Array(all[3...]))
            #expect(cursor == 40)
        }
    }

    @Test func `An answer about many conversations stays small: texts that the client has or gets anyway are left out`()
        async throws
    {
        try await withMessagesService { running async throws in
            let others = (0..<12).map { _ in UserID.random() }
            for other in others {
                try await running.open(ada, other)
                try await running.send(String(repeating: "x", count: 1_000), by: ada, in: .direct(ada, other))
            }
            let query = SyncQuery(store: running.store, byteBudget: 2_500, viewBudget: 3_000)
            var cursors = Dictionary(uniqueKeysWithValues: others.map { (ConversationID.direct(ada, $0), Int64(0)) })
            var got: [Message] = []
            var responses = 0
            while true {
                let response = try await query(SyncChanges(user: ada, cursors: cursors, recent: 0))
                responses += 1
                #expect(Set(response.conversations.map(\.id)) == Set(cursors.keys))
                #expect(response.conversations.count { $0.lastMessage != nil } == 3)
                #expect(response.conversations.allSatisfy { $0.head == 1 && $0.members.count == 2 })
                #expect(!response.changes.isEmpty)
                for changes in response.changes {
                    got += changes.messages
                    cursors[changes.conversation] = changes.cursor
                }
                if !response.more { break }
            }
            #expect(responses == 4)
            #expect(Set(got.map(\.conversation)) == Set(cursors.keys))
            #expect(got.count == others.count)
            #expect(cursors.values.allSatisfy { $0 == 1 })

            // A conversation that the client does not know yet is always described in full.
            let unknown = try await query(SyncChanges(user: ada, cursors: [:], recent: 12))
            #expect(unknown.conversations.allSatisfy { $0.lastMessage != nil })
        }
    }

    @Test func `Who is very far behind gets the newest page and is told what lies before it`() async throws {
        try await withMessagesService { running async throws in
            let count = Limits.syncChanges + 1
            try await fill(running, count)
            let far = try await running.query(SyncChanges(user: bob, cursors: [conversation: 0])).changes
            #expect(far.map(\.reset) == [true])
            #expect(far.map(\.hasOlder) == [true])
            #expect(far.map(\.cursor) == [Int64(count)])
            #expect(far.flatMap(\.messages).map(\.seq) == Array(Int64(count - Limits.pageSize + 1)...Int64(count)))
            let near = try await running.query(SyncChanges(user: bob, cursors: [conversation: 1])).changes
            #expect(near.map(\.reset) == [false])
            #expect(near.flatMap(\.messages).map(\.seq) == Array(2...Int64(count)))
        }
    }

    @Test func `The list of conversations is by last activity, page by page, each exactly once`() async throws {
        try await withMessagesService { running async throws in
            var others: [UserID] = []
            for _ in 0..<9 {
                let other = UserID.random()
                try await running.openForBoth(ada, other)
                others.append(other)
            }
            for other in others.shuffled() { try await running.send("x", by: other, in: .direct(ada, other)) }
            let whole = try await running.query(ListConversations(user: ada, limit: 200))
            #expect(whole.next == nil)
            #expect(Set(whole.conversations.map(\.id)) == Set(others.map { .direct(ada, $0) }))
            #expect(whole.conversations.allSatisfy { $0.unread == 1 })
            let moments = whole.conversations.compactMap { $0.lastMessage?.sentAt }
            #expect(moments == moments.sorted(by: >))
            for limit in 1...5 {
                var got: [ConversationID] = []
                var place: String?
                repeat {
                    let page = try await running.query(ListConversations(user: ada, after: place, limit: limit))
                    got += page.conversations.map(\.id)
                    place = page.next
                } while place != nil
                #expect(got == whole.conversations.map(\.id))
            }
            let wrong = await fault { try await running.query(ListConversations(user: ada, after: "x")) }
            #expect(wrong?.field == "after")

            let heads = try await running.query(RecentHeads(users: [ada, others[0]], withinSeconds: 3_600)).heads
            #expect(heads[ada]?.count == 9)
            #expect(heads[others[0]] == [.direct(ada, others[0]): 1])
            #expect(try await running.query(RecentHeads(users: [bob], withinSeconds: 3_600)).heads.isEmpty)
        }
    }
}
