import ChatContracts
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

/// Who is told who has read a message.
@Suite("Readers")
struct ReaderTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private let cem = UserID(high: 1, low: 3)
    private let dot = UserID(high: 1, low: 4)

    private func ask(
        _ running: RunningMessages, _ user: UserID, _ conversation: ConversationID, _ seq: Int64
    ) async throws -> MessageReaders {
        try await running.query(ReadMessageReaders(user: user, conversation: conversation, seq: seq))
    }

    @Test func `in a group the author is told who has read a message, of those who were there`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem], showsHistory: true)
            let message = try await running.send("hello", by: ada, in: group)
            #expect(try await ask(running, ada, group, message.seq) == MessageReaders(readers: [], unread: 2))
            _ = try await running.setPosition(group, bob, read: message.seq)
            _ = try await running.markUnread(group, bob, from: message.seq, marks: 0)
            #expect(
                try await ask(running, ada, group, message.seq)
                    == MessageReaders(readers: [.init(user: bob)], unread: 1), "a mark is nobody else's business")
            // Whoever comes later counts as somebody who has read everything before.
            try await running.add([dot], to: group, by: ada)
            #expect(
                try await ask(running, ada, group, message.seq)
                    == MessageReaders(readers: [.init(user: bob)], unread: 1))
            try await running.remove(bob, from: group, by: ada)
            #expect(try await ask(running, ada, group, message.seq) == MessageReaders(readers: [], unread: 1))

            #expect(await fault { try await ask(running, bob, group, message.seq) }?.code == .notFound, "removed")
            #expect(await fault { try await ask(running, cem, group, message.seq) }?.code == .forbidden)
            #expect(await fault { try await ask(running, ada, group, 1) }?.code == .notFound, "a line")
            #expect(await fault { try await ask(running, ada, group, 99) }?.code == .notFound)
            _ = try await running.client.call(
                DeleteMessage(conversation: group, user: ada, seq: message.seq), queue: RunningMessages.queue(group),
                form: .command, context: RunningMessages.patient)
            #expect(await fault { try await ask(running, ada, group, message.seq) }?.code == .gone)
        }
    }

    @Test func `between two people it is the other one, and in a large group nobody is told`() async throws {
        try await withMessagesService { running async throws in
            let direct = try await running.open(ada, bob).id
            let message = try await running.send("hello", by: ada, in: direct)
            #expect(try await ask(running, ada, direct, message.seq) == MessageReaders(readers: [], unread: 1))
            _ = try await running.setPosition(direct, bob, read: message.seq)
            #expect(
                try await ask(running, ada, direct, message.seq)
                    == MessageReaders(readers: [.init(user: bob)], unread: 0))
            #expect(await fault { try await ask(running, cem, direct, message.seq) }?.code == .notFound)

            let many = (0..<Limits.groupMembersWithReaders).map { UserID(high: 2, low: UInt64($0)) }
            let large = try await running.group(of: ada, with: many)
            let told = try await running.send("hello", by: ada, in: large)
            #expect(await fault { try await ask(running, ada, large, told.seq) }?.code == .forbidden)
        }
    }
}
