import ChatContracts
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

@Suite("From when on a conversation exists for the other member", .serialized, .timeLimit(.minutes(5)))
struct VisibilityTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    /// What the user can find of the conversation, by every request that there is.
    private func traces(for user: UserID, in running: RunningMessages) async throws -> [String] {
        var traces: [String] = []
        let id = conversation
        if try await !running.query(ListConversations(user: user)).conversations.isEmpty { traces.append("list") }
        if try await running.query(RecentHeads(users: [user], withinSeconds: 60)).heads[user] != nil {
            traces.append("heads")
        }
        let sync = try await running.query(SyncChanges(user: user, cursors: [id: 0]))
        if sync != SyncResponse(conversations: [], changes: [], more: false) { traces.append("sync") }
        if await fault({ try await running.get(id, user) })?.code != .notFound { traces.append("get") }
        let history = ReadHistory(user: user, conversation: id, limit: 10)
        if await fault({ try await running.query(history) })?.code != .notFound { traces.append("history") }
        let page = try await running.query(
            ReadChatPage(user: user, shown: .init(conversation: id, part: .opening, limit: 10)))
        if case .value = page.shown { traces.append("page") }
        if await fault({ try await running.setPosition(id, user, read: 0) })?.code != .notFound {
            traces.append("position")
        }
        return traces
    }

    private let all = ["list", "heads", "sync", "get", "history", "page", "position"]

    @Test func `Being looked at leaves no trace for the other member; the first message makes it exist`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            #expect(try await traces(for: ada, in: running) == all)
            #expect(try await traces(for: bob, in: running).isEmpty)
            let early = await fault { try await running.send("hello?", by: bob, in: conversation) }
            #expect(early?.code == .notFound)

            let message = try await running.send("hello", by: ada, in: conversation)
            #expect(try await traces(for: bob, in: running) == all)
            let seen = try await running.get(conversation, bob)
            #expect(seen.head == 1 && seen.unread == 1 && seen.lastMessage == message)
            #expect(seen.createdAt == message.sentAt)
            #expect(try await running.send("hi", by: bob, in: conversation).seq == 2)
            #expect(try await running.setPosition(conversation, bob, read: 2).unread == 0)
            #expect(running.events.all(EventName.conversationOpened).allSatisfy { $0.recipients == [ada] })
        }
    }

    @Test func `Who opens what somebody else had opened finds it as if it were new, and may write first`() async throws
    {
        try await withMessagesService { running async throws in
            let first = try await running.open(ada, bob)
            // Times are in milliseconds.
            try await Task.sleep(for: .milliseconds(5))
            let second = try await running.open(bob, ada)
            #expect(second.head == 0 && second.lastMessage == nil && second.createdAt > first.createdAt)
            #expect(try await running.get(conversation, ada) == first)
            #expect(try await running.open(bob, ada) == second)
            #expect(try await traces(for: bob, in: running) == all)
            #expect(try await running.send("hi", by: bob, in: conversation).seq == 1)
            #expect(try await running.get(conversation, ada).unread == 1)
        }
    }

    @Test func `Conversations that others have opened do not shorten the pages of a list`() async throws {
        try await withMessagesService { running async throws in
            var written: Set<ConversationID> = []
            for number in 0..<12 {
                let other = UserID.random()
                try await running.open(other, ada)
                guard number % 2 == 0 else { continue }
                try await running.send("x", by: other, in: .direct(ada, other))
                written.insert(.direct(ada, other))
            }
            let page = try await running.query(ListConversations(user: ada, limit: 4))
            #expect(page.conversations.count == 4)
            let rest = try await running.query(ListConversations(user: ada, after: page.next, limit: 4))
            #expect(Set((page.conversations + rest.conversations).map(\.id)) == written)
            #expect(rest.next == nil)
        }
    }
}
