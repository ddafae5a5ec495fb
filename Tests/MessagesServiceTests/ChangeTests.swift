import ChatContracts
import Foundation
import MessageBus
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

@Suite("Changing messages through the broker into the database", .serialized, .timeLimit(.minutes(5)))
struct ChangeTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    private func ask<Request: ServiceRequest>(
        _ request: Request, _ running: RunningMessages
    ) async throws -> Request.Reply {
        try await running.client.call(
            request, queue: RunningMessages.queue(conversation), form: .command, context: RunningMessages.patient)
    }

    private func edit(
        _ seq: Int64, rev: Int64, _ text: String, by user: UserID, _ running: RunningMessages
    ) async throws -> ChangeReply {
        try await ask(
            EditMessage(conversation: conversation, user: user, seq: seq, rev: rev, text: text), running)
    }

    private func delete(_ seq: Int64, by user: UserID, _ running: RunningMessages) async throws -> Message {
        try await ask(DeleteMessage(conversation: conversation, user: user, seq: seq), running)
    }

    private func react(
        _ seq: Int64, _ emoji: String, rev: Int64 = .max, by user: UserID, _ running: RunningMessages
    ) async throws -> Message {
        let command = SetReaction(conversation: conversation, user: user, seq: seq, rev: rev, emoji: emoji)
        return try await ask(command, running).message
    }

    /// What a client has that held a state before and syncs now.
    private func caughtUp(
        from held: [Message], cursor: Int64, _ running: RunningMessages
    ) async throws -> [Message] {
        let response = try await running.query(SyncChanges(user: bob, cursors: [conversation: cursor]))
        var entries = Dictionary(uniqueKeysWithValues: held.map { ($0.seq, $0) })
        for message in response.changes.flatMap(\.messages) where message.rev > entries[message.seq]?.rev ?? 0 {
            entries[message.seq] = message
        }
        #expect(response.more == false)
        return entries.values.sorted { $0.seq < $1.seq }
    }

    @Test func `An edit, a deletion and reactions are stored, answered, told, and caught up with from every number`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            func history() async throws -> MessagePage {
                try await running.query(ReadHistory(user: bob, conversation: conversation, limit: 50))
            }
            var states: [(head: Int64, messages: [Message])] = [(0, [])]
            func note() async throws {
                let page = try await history()
                states.append((page.head, page.messages))
            }
            let id = ClientMessageID.random()
            try await running.send("first", by: ada, in: conversation, id: id)
            try await note()
            try await running.send("second", by: bob, in: conversation)
            try await note()
            let edited = try await edit(1, rev: 1, "better", by: ada, running)
            #expect(!edited.conflict && edited.message.rev == 3 && edited.message.text == "better")
            #expect(edited.message.edit?.rev == 3)
            try await note()
            #expect(try await react(1, "👍", by: bob, running).reactions == [Reaction(emoji: "👍", users: [bob])])
            try await note()
            // The reaction in between does not matter, and the same edit again changes nothing.
            #expect(try await edit(1, rev: 3, "best", by: ada, running).message.rev == 5)
            let known = ChangeReply(message: try await history().messages[0], conflict: false)
            #expect(try await edit(1, rev: 3, "best", by: ada, running) == known)
            try await note()
            let late = try await edit(1, rev: 3, "too late", by: ada, running)
            #expect(late.conflict && late.message.text == "best")
            // The send is still known, and answered with the message as it is.
            #expect(try await running.send("first", by: ada, in: conversation, id: id).text == "best")
            let reuse = await fault { try await running.send("best", by: ada, in: conversation, id: id) }
            #expect(reuse?.code == .clientMessageIDReused)
            let tombstone = try await delete(1, by: ada, running)
            #expect(tombstone.rev == 6 && tombstone.isDeleted && tombstone.text.isEmpty && tombstone.reactions.isEmpty)
            #expect(try await delete(1, by: ada, running) == tombstone)
            try await note()
            #expect(try await running.send("first", by: ada, in: conversation, id: id) == tombstone)

            let page = try await history()
            #expect(page.head == 6 && page.messages.map(\.seq) == [1, 2])
            #expect(states.map(\.head) == [0, 1, 2, 3, 4, 5, 6])
            for state in states {
                #expect(try await caughtUp(from: state.messages, cursor: state.head, running) == page.messages)
            }
            let seen = try await running.get(conversation, bob)
            #expect(seen.unread == 0 && seen.head == 6 && seen.lastMessage?.seq == 2)
            try await eventually("every change is told") {
                let told = try running.events.all(EventName.messageChanged).map {
                    try JSONDecoder().decode(Message.self, from: Data($0.data)).rev
                }
                return told == [3, 4, 5, 6]
            }
        }
    }

    @Test func `Nobody changes what they may not`() async throws {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            try await running.send("hers", by: ada, in: conversation)
            try await running.send("gone", by: ada, in: conversation)
            _ = try await delete(2, by: ada, running)
            let eve = UserID.random()
            #expect(await fault { try await edit(1, rev: 1, "x", by: eve, running) }?.code == .notFound)
            #expect(await fault { try await react(1, "👍", by: eve, running) }?.code == .notFound)
            #expect(await fault { try await edit(1, rev: 1, "x", by: bob, running) }?.code == .forbidden)
            #expect(await fault { try await delete(1, by: bob, running) }?.code == .forbidden)
            #expect(await fault { try await edit(2, rev: 2, "x", by: ada, running) }?.code == .gone)
            #expect(await fault { try await react(2, "👍", by: bob, running) }?.code == .gone)
            // The number of a change is nobody's message.
            for seq in [Int64(3), 99, 0, -1] {
                #expect(await fault { try await edit(seq, rev: 1, "x", by: ada, running) }?.code == .notFound)
            }
            let texts = ["", "👍👍", "x", "1", "#", "👍x", "🇩", String(repeating: "👍", count: 2_500)]
            for text in texts {
                #expect(await fault { try await react(1, text, by: bob, running) }?.code == .invalid)
            }
            #expect(await fault { try await edit(1, rev: 1, " ", by: ada, running) }?.code == .invalid)
            let kinds = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "🇩🇪", "1️⃣", "👩‍👩‍👧", "👋🏽", "🔥", "🚀", "🍀", "☕", "🐦"]
            for kind in kinds { _ = try await react(1, kind, by: bob, running) }
            #expect(await fault { try await react(1, "🌍", by: bob, running) }?.code == .invalid)
            #expect(try await react(1, "👍", by: ada, running).reactions[0].users == [bob, ada])
            let left = try await ask(
                RemoveReaction(conversation: conversation, user: bob, seq: 1, rev: .max, emoji: "❤️"), running)
            #expect(left.message.reactions.count == 15)
        }
    }

    @Test func `A deletion lowers what is unread, for those who had read the message and for those who had not`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            for number in 1...6 { try await running.send("\(number)", by: ada, in: conversation) }
            #expect(try await running.setPosition(conversation, bob, read: 3).unread == 3)
            _ = try await delete(2, by: ada, running)
            #expect(try await running.get(conversation, bob).unread == 3)
            _ = try await delete(5, by: ada, running)
            #expect(try await running.get(conversation, bob).unread == 2)
            _ = try await edit(6, rev: 6, "six", by: ada, running)
            _ = try await react(4, "👍", by: ada, running)
            let seen = try await running.get(conversation, bob)
            #expect(seen.unread == 2 && seen.lastMessage?.text == "six")
            #expect(try await running.setPosition(conversation, bob, read: 4).unread == 1)
            _ = try await delete(6, by: ada, running)
            let after = try await running.get(conversation, bob)
            #expect(after.unread == 0 && after.lastMessage?.isDeleted == true)
            #expect(try await running.get(conversation, ada).unread == 0)
        }
    }

    @Test func `A reply quotes what it answers, and no longer once that is deleted`() async throws {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            try await running.send(String(repeating: "é", count: 300), by: ada, in: conversation)
            func reply(to seq: Int64, id: ClientMessageID = .random()) async throws -> Message {
                try await ask(
                    SendMessage(
                        conversation: conversation, sender: bob, clientMessageId: id, text: "yes", replyTo: seq),
                    running)
            }
            let id = ClientMessageID.random()
            let response = try await reply(to: 1, id: id)
            #expect(response.replyTo == Quote(seq: 1, sender: ada, text: String(repeating: "é", count: 200)))
            #expect(try await reply(to: 1, id: id) == response)
            for seq in [Int64(3), 99, -1] { #expect(await fault { try await reply(to: seq) }?.code == .invalid) }
            _ = try await edit(1, rev: 1, "other", by: ada, running)
            #expect(try await reply(to: 1, id: id) == response)
            _ = try await delete(1, by: ada, running)
            #expect(try await reply(to: 1).replyTo == Quote(seq: 1, sender: ada, text: nil))
            #expect(try await reply(to: 1, id: id).replyTo?.text == nil)
            let page = try await running.query(ReadHistory(user: ada, conversation: conversation, limit: 50))
            #expect(page.messages.dropFirst().allSatisfy { $0.replyTo == Quote(seq: 1, sender: ada, text: nil) })
            let sync = try await running.query(SyncChanges(user: ada, cursors: [conversation: 1]))
            #expect(sync.changes.flatMap(\.messages).allSatisfy { $0.replyTo?.text == nil })
        }
    }

    @Test func `A change whose entry was never brought up to date is shown at once and finished by the next lane`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            let sent = try await running.send("before", by: ada, in: conversation)
            var message = sent
            message.rev = 2
            message.rememberOriginal()
            message.text = "after"
            message.edit = MessageEdit(at: .now, rev: 2)
            try await running.store.messages.insert(Change(message: message, replaces: 1).document)
            #expect(try await running.stored(conversation) == [sent])
            // The number is taken, so the lane has to read what took it.
            let next = try await running.send("next", by: bob, in: conversation)
            #expect(next.seq == 3)
            #expect(try await running.stored(conversation) == [message, next])
            let sync = try await running.query(SyncChanges(user: bob, cursors: [conversation: 1]))
            // The digest never leaves the service.
            message.original = nil
            #expect(sync.changes.flatMap(\.messages) == [message, next] && sync.changes.map(\.cursor) == [3])
        }
    }
}
