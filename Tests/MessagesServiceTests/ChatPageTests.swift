import ChatContracts
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

@Suite("What a chat page is made of", .serialized, .timeLimit(.minutes(5)))
struct ChatPageTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    private func page(
        _ part: HistoryPart = .opening, limit: Int = Limits.pageSize, messages: Int = 10, of id: ConversationID? = nil,
        for user: UserID? = nil, in running: RunningMessages
    ) async throws -> ChatPage {
        try await running.query(
            ReadChatPage(
                user: user ?? bob, limit: limit,
                shown: .init(conversation: id ?? conversation, part: part, limit: messages)))
    }

    @Test func `One query brings what the single queries bring, for every part of a conversation`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            for number in 1...30 { try await running.send("\(number)", by: ada, in: conversation) }
            try await running.openForBoth(bob, .random())
            _ = try await running.setPosition(conversation, bob, read: 12)
            let list = try await running.query(ListConversations(user: bob))
            let described = try await running.get(conversation, bob)
            #expect(described.unread == 18)
            let parts: [(HistoryPart, before: Int64?, after: Int64?)] = [
                (.opening, nil, 7), (.newest, nil, nil), (.before(seq: 9), 9, nil), (.after(seq: 0), nil, 0),
                (.after(seq: 25), nil, 25), (.before(seq: 1), 1, nil), (.after(seq: 40), nil, 40),
                (.around(seq: 20), nil, 14), (.around(seq: 21), nil, nil), (.around(seq: 3), nil, 0),
                (.around(seq: 99), nil, nil),
            ]
            for (part, before, after) in parts {
                let page = try await page(part, in: running)
                #expect(page.list == .value(list))
                let shown = try #require(try page.shown?.get())
                #expect(shown.conversation == described)
                let history = try await running.query(
                    ReadHistory(user: bob, conversation: conversation, before: before, after: after, limit: 10))
                #expect(shown.history == history, "\(part)")
            }
            // The newest page reaches back to the first unread message.
            _ = try await running.setPosition(conversation, bob, read: 20)
            #expect(try await page(in: running).shown?.get().history.messages.map(\.seq) == Array(21...30))

            #expect(try await running.query(ReadChatPage(user: bob)).shown == nil)
            #expect(try await running.query(ReadChatPage(user: bob)).list.get().conversations.count == 2)
            for (limit, messages) in [(0, 10), (201, 10), (10, 0), (10, 201)] {
                #expect(
                    await fault { try await page(limit: limit, messages: messages, in: running) }?.code == .invalid)
            }
        }
    }

    @Test func `A conversation that is not in the list is shown all the same, and one of others is not`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("early", by: ada, in: conversation)
            for _ in 0..<2 {
                let other = UserID.random()
                try await running.open(other, bob)
                try await running.send("later", by: other, in: .direct(other, bob))
            }
            let short = try await page(limit: 1, in: running)
            #expect(try short.list.get().conversations.count == 1)
            #expect(try short.list.get().next != nil)
            #expect(try short.shown?.get().history.messages.map(\.text) == ["early"])

            let eve = UserID.random()
            for id in [conversation, .random()] {
                let refused = try await page(of: id, for: eve, in: running)
                #expect(refused.list == .value(ConversationPage(conversations: [])))
                #expect(refused.shown == .fault(ConversationQueries.unknownConversation))
            }
        }
    }

    @Test func `The head, the newest message and the history agree while messages are sent`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("0", by: ada, in: conversation)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<4 {
                    group.addTask {
                        for number in 0..<40 {
                            try await running.send("\(sender) \(number)", by: ada, in: conversation)
                        }
                    }
                }
                for _ in 0..<60 {
                    let page = try await page(.newest, in: running)
                    let shown = try #require(try page.shown?.get())
                    #expect(shown.history.head == shown.conversation.head)
                    #expect(shown.history.messages.last == shown.conversation.lastMessage)
                    #expect(shown.conversation.unread == shown.conversation.lastMessage?.seq)
                    #expect(try page.list.get().conversations == [shown.conversation])
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `A stored conversation that cannot be read spoils its own part`() async throws {
        try await withMessagesService { running async throws in
            let neighbour = UserID.random()
            for other in [bob, neighbour] {
                try await running.open(ada, other)
                try await running.send("hello", by: ada, in: .direct(ada, other))
            }
            _ = try await running.store.conversations.update(
                MessageStore.anyOf([conversation]),
                update: BSONDocument { $0.document("$set") { $0.append("n", "damaged") } })
            let good = try await page(of: .direct(ada, neighbour), for: ada, in: running)
            #expect(throws: Fault.self) { try good.list.get() }
            #expect(try good.shown?.get().history.messages.map(\.text) == ["hello"])
            let bad = try await page(for: ada, in: running)
            guard case .fault(let fault)? = bad.shown else {
                Issue.record("\(bad)")
                return
            }
            #expect(fault.code == .unavailable)
        }
    }
}
