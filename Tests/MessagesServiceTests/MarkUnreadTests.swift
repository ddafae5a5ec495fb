import ChatContracts
import Foundation
import TestSupport
import Testing

@testable import MessagesService

@Suite("Marking messages as unread")
struct MarkUnreadTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private var conversation: ConversationID { .direct(ada, bob) }

    /// 1 a, 2 b, 3 b, 4 a, 5 b, 6 b: ada has read everything.
    private func withReadConversation(
        _ body: @escaping @Sendable (RunningMessages) async throws -> Void
    ) async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            for sender in [ada, bob, bob, ada, bob, bob] {
                try await running.send("x", by: sender, in: conversation)
            }
            #expect(try await running.setPosition(conversation, ada, read: 6).unread == 0)
            try await body(running)
        }
    }

    private func mark(_ running: RunningMessages, from: Int64, marks: Int64) async throws -> PositionChanged {
        try await running.markUnread(conversation, ada, from: from, marks: marks)
    }

    private func position(_ running: RunningMessages, of user: UserID, for viewer: UserID) async throws
        -> Conversation.Member
    {
        try #require(try await running.get(conversation, viewer).members.first { $0.user == user })
    }

    @Test func `takes one's own position back, counted exactly, and once however often it is asked for`() async throws {
        try await withReadConversation { running async throws in
            let marked = try await mark(running, from: 3, marks: 0)
            #expect(marked.read == 2 && marked.unread == 3 && marked.unreadMarks == 1 && marked.received == 6)
            let again = try await mark(running, from: 3, marks: 0)
            #expect(again == marked)
            #expect(try await running.get(conversation, ada).unread == 3)

            let read = try await running.setPosition(conversation, ada, read: 6, unreadMarks: 1)
            #expect(read.read == 6 && read.unread == 0 && read.unreadMarks == 1)
            // A copy of the mark that arrives behind it changes nothing.
            #expect(try await mark(running, from: 3, marks: 0) == read)
            let second = try await mark(running, from: 1, marks: 1)
            #expect(second.read == 0 && second.unread == 4 && second.unreadMarks == 2)
        }
    }

    @Test func `outweighs what another device read before it knew of the mark`() async throws {
        try await withReadConversation { running async throws in
            _ = try await mark(running, from: 5, marks: 0)
            let late = try await running.setPosition(conversation, ada, read: 6, unreadMarks: 0)
            #expect(late.read == 4 && late.unread == 2)
            let client = try await running.setPosition(conversation, ada, read: 5)
            #expect(client.read == 5 && client.unread == 1, "a client that knows no marks")
        }
    }

    @Test func `is nobody else's business: others keep seeing what was read`() async throws {
        try await withReadConversation { running async throws in
            _ = try await mark(running, from: 2, marks: 0)
            #expect(try await position(running, of: ada, for: ada).read == 1)
            #expect(try await position(running, of: ada, for: ada).unreadMarks == 1)
            let seen = try await position(running, of: ada, for: bob)
            #expect(seen.read == 6 && seen.unreadMarks == nil)

            try await running.send("y", by: bob, in: conversation)
            let moved = try await running.setPosition(conversation, ada, received: 7, read: 3, unreadMarks: 1)
            try await eventually("each side hears of its own view") {
                let changes = try running.events.all(EventName.positionChanged).map { event in
                    (try JSONDecoder().decode(PositionChanged.self, from: Data(event.data)), event.recipients)
                }
                let others = PositionChanged(
                    conversation: conversation, user: ada, received: 7, read: 6, unread: 0, head: 6,
                    readAt: moved.readAt)
                return changes.contains { $0.0 == moved && $0.1 == [ada] }
                    && changes.contains { $0.0 == others && $0.1 == [bob] }
                    && !changes.contains { $0.0.unreadMarks != nil && $0.1.contains(bob) }
            }
        }
    }

    @Test func `the time of reading is that of the first reading of somebody else's message`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            try await running.send("2", by: ada, in: conversation)
            #expect(try await position(running, of: bob, for: ada).readAt == nil)
            #expect(try await running.setPosition(conversation, bob, received: 2).readAt == nil)
            let before = Timestamp.now
            let readAt = try #require(try await running.setPosition(conversation, bob, read: 2).readAt)
            #expect((before.milliseconds...Timestamp.now.milliseconds).contains(readAt.milliseconds))
            #expect(try await position(running, of: bob, for: ada).readAt == readAt)
            try await eventually("the clock goes on") { Timestamp.now > readAt }
            // Not again for the same, for one's own messages, or for what was read before a mark.
            #expect(try await running.setPosition(conversation, bob, read: 2).readAt == readAt)
            try await running.send("3", by: bob, in: conversation)
            #expect(try await running.setPosition(conversation, bob, read: 3).readAt == readAt)
            #expect(try await running.markUnread(conversation, bob, from: 1, marks: 0).readAt == readAt)
            #expect(try await running.setPosition(conversation, bob, read: 3, unreadMarks: 1).readAt == readAt)
            try await running.send("4", by: ada, in: conversation)
            let later = try #require(
                try await running.setPosition(conversation, bob, read: 4, unreadMarks: 1).readAt)
            #expect(later > readAt)
            #expect(try await position(running, of: bob, for: ada).readAt == later)
            #expect(try await position(running, of: ada, for: bob).readAt == nil)
        }
    }

    @Test func `moves nothing if the message is unread already, and is refused where it makes no sense`() async throws {
        try await withReadConversation { running async throws in
            let before = try await running.setPosition(conversation, ada, read: 6)
            let marked = try await mark(running, from: 7, marks: 0)
            #expect(marked.read == 6 && marked.unread == before.unread && marked.unreadMarks == 1)
            #expect(try await mark(running, from: .max, marks: 1).read == 6)
            #expect(try await mark(running, from: 1, marks: 7).read == 6, "a mark that names others")
            #expect(await fault { try await mark(running, from: 0, marks: 0) }?.field == "from")
            #expect(await fault { try await mark(running, from: 1, marks: -1) }?.field == "unreadMarks")
            let eve = UserID(high: 1, low: 3)
            let stranger = await fault { try await running.markUnread(conversation, eve, from: 1, marks: 0) }
            #expect(stranger?.code == .notFound)
        }
    }

    @Test func `comes in its place between other commands of one batch, counted exactly whatever was deleted`()
        async throws
    {
        try await withMessageStore { store async throws in
            try await store.open([
                LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
                LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
            ])
            let sends = (0..<300).map { number in
                LaneCommand.send(
                    SendMessage(
                        conversation: conversation, sender: number % 3 == 0 ? ada : bob, clientMessageId: .random(),
                        text: "\(number)"))
            }
            _ = try await runLane(sends, in: store, batch: 300)
            let commands: [LaneCommand] = [
                .position(SetPosition(conversation: conversation, user: ada, read: 300)),
                .change(DeleteMessage(conversation: conversation, user: bob, seq: 200)),
                .position(MarkUnread(conversation: conversation, user: ada, from: 11, unreadMarks: 0)),
                .position(SetPosition(conversation: conversation, user: ada, read: 20, unreadMarks: 1)),
            ]
            _ = try await runLane(commands, in: store, batch: 4)
            let document = try #require(try await store.conversation(conversation, of: ada))
            let place = try #require(document.state.index(of: ada))
            let positions = document.state.members[place].positions
            #expect(positions.read == 20 && positions.unreadMarks == 1 && positions.readBeforeMarks == 300)
            // Of 21 to 300 a third is ada's own (those with number 1 modulo 3), and one is deleted.
            #expect(document.state.unread(ofMemberAt: place) == 186)
        }
    }
}
