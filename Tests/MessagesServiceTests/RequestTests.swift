import ChatContracts
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

/// The first messages of strangers.
@Suite("Requests of strangers")
struct RequestTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private var conversation: ConversationID { .direct(ada, bob) }

    private func withRequests(_ body: @Sendable (RunningMessages) async throws -> Void) async throws {
        try await withMessagesService(flags: ["--messages-requests"], body)
    }

    private func settings(_ running: RunningMessages, of user: UserID) async throws -> ConversationSettings? {
        try await running.get(conversation, user).settings(of: user)
    }

    private func answer(
        _ answer: MessageRequest.Answer, version: Int64, by user: UserID? = nil
    ) -> ChangeConversationSettings {
        ChangeConversationSettings(conversation: conversation, user: user ?? bob, version: version, request: answer)
    }

    private func told(_ running: RunningMessages, to user: UserID) throws -> [MessageRequest?] {
        try running.events.all(EventName.conversationSettings).filter { $0.recipients == [user] }.map { event in
            try JSONDecoder().decode(ConversationSettingsChanged.self, from: Data(event.data)).settings?.request
        }
    }

    @Test func `the first message of somebody without a group in common waits, and the stranger learns nothing`()
        async throws
    {
        try await withRequests { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            try await running.send("2", by: ada, in: conversation)
            #expect(try await settings(running, of: bob) == ConversationSettings(version: 1, request: .waiting))
            #expect(try await settings(running, of: ada) == nil)
            try await eventually("bob's devices hear that it is a request") {
                try told(running, to: bob) == [.waiting]
            }
            let position = try await running.setPosition(conversation, bob, received: 2, read: 2)
            #expect(position.received == 0 && position.read == 0 && position.unread == 2)
            let seen = try await running.get(conversation, ada).members.first { $0.user == bob }
            #expect(seen == Conversation.Member(user: bob, received: 0, read: 0))
            let reaction = await fault {
                try await running.client.call(
                    SetReaction(conversation: conversation, user: bob, seq: 1, rev: 1, emoji: "👍"),
                    queue: RunningMessages.queue(conversation), form: .command, context: RunningMessages.patient)
            }
            #expect(reaction?.code == .forbidden)

            _ = try await running.choose(answer(.declined, version: 1))
            try await running.send("3", by: ada, in: conversation)
            let declined = try await running.get(conversation, bob)
            #expect(declined.settings(of: bob)?.request == .declined && declined.head == 3)
            #expect(try await running.get(conversation, ada).isOpen(for: ada))
            #expect(try await running.get(conversation, ada).members.first { $0.user == bob } == seen)
        }
    }

    @Test func `blocking instead of accepting tells the stranger nothing either`() async throws {
        try await withRequests { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            _ = try await running.choose(
                ChangeConversationSettings(
                    conversation: conversation, user: bob, version: 1, blocked: true, request: .declined))
            #expect(try await running.get(conversation, ada).isRefused == nil)
            try await running.send("2", by: ada, in: conversation)
            #expect(await fault { try await running.send("3", by: bob, in: conversation) }?.code == .forbidden)
            _ = try await running.choose(answer(.accepted, version: 2))
            #expect(try await running.get(conversation, ada).isRefused == true)
            #expect(await fault { try await running.send("3", by: ada, in: conversation) }?.code == .forbidden)
        }
    }

    @Test func `a position behind the acceptance in the same batch counts`() async throws {
        try await withMessageStore { store async throws in
            let store = store.asking(aboutStrangers: true)
            try await store.open([LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1))])
            let first = SendMessage(conversation: conversation, sender: ada, clientMessageId: .random(), text: "1")
            _ = try await runLane([.send(first)], in: store)
            let responses = try await runLane(
                [
                    .settings(answer(.accepted, version: 1)),
                    .position(SetPosition(conversation: conversation, user: bob, received: 1, read: 1)),
                ], in: store, batch: 2)
            guard case .position(let position)? = responses.last else {
                Issue.record("\(responses)")
                return
            }
            #expect(position.read == 1 && position.unread == 0)
        }
    }

    @Test func `accepting it makes it a conversation like all others, for good`() async throws {
        try await withRequests { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            let accepted = try #require(try await running.choose(answer(.accepted, version: 1)))
            #expect(accepted == ConversationSettings(version: 2))
            #expect(try await running.setPosition(conversation, bob, received: 1, read: 1).unread == 0)
            // Late copies and second thoughts find none.
            #expect(try await running.choose(answer(.declined, version: 1)) == accepted)
            #expect(try await running.choose(answer(.declined, version: 2)) == accepted)
            #expect(try await running.choose(answer(.accepted, version: 0, by: ada)) == nil)
            try await running.send("2", by: ada, in: conversation)
            #expect(try await settings(running, of: bob) == accepted)
        }
    }

    @Test func `writing in it accepts it, also one that was declined, and all devices hear of it`() async throws {
        try await withRequests { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            _ = try await running.choose(answer(.declined, version: 1))
            let reply = try await running.send("2", by: bob, in: conversation)
            #expect(try await settings(running, of: bob) == ConversationSettings(version: 3))
            try await eventually("bob's devices hear that it is none any more") {
                try told(running, to: bob).contains(nil)
            }
            // Taking the message back does not take that back.
            _ = try await running.client.call(
                DeleteMessage(conversation: conversation, user: bob, seq: reply.seq),
                queue: RunningMessages.queue(conversation), form: .command, context: RunningMessages.patient)
            #expect(try await settings(running, of: bob)?.request == nil)
            try await running.send("3", by: ada, in: conversation)
            #expect(try await settings(running, of: bob)?.request == nil)
        }
    }

    @Test func `a group in common as of the first message is enough, and one that is left is not`() async throws {
        try await withRequests { running async throws in
            let eve = UserID(high: 1, low: 3)
            // Opened before, so that the lane could remember that they were strangers.
            try await running.open(ada, bob)
            let group = try await running.group(of: eve, with: [])
            let invitation = try await running.invite(to: group, by: eve)
            for user in [ada, bob] { try await running.join(group, invitation.token, by: user) }
            try await running.send("1", by: ada, in: conversation)
            #expect(try await settings(running, of: bob) == nil)

            try await running.open(bob, eve)
            try await running.remove(bob, from: group, by: bob)
            try await running.send("1", by: bob, in: .direct(bob, eve))
            #expect(try await running.get(.direct(bob, eve), eve).settings(of: eve)?.request == .waiting)
        }
    }

    @Test func `nobody adds a stranger to a group, also not whoever waits to be accepted`() async throws {
        try await withRequests { running async throws in
            let group = try await running.group(of: ada, with: [])
            #expect(await fault { try await running.add([bob], to: group, by: ada) }?.code == .forbidden)
            #expect(await fault { try await running.group(of: ada, with: [bob]) }?.code == .forbidden)
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            #expect(await fault { try await running.add([bob], to: group, by: ada) }?.code == .forbidden)
            // Whoever has written to somebody can be added by them.
            let own = try await running.group(of: bob, with: [ada])
            try await running.remove(ada, from: own, by: ada)
            _ = try await running.choose(answer(.accepted, version: 1))
            try await running.add([bob], to: group, by: ada)
            #expect(try await running.members(of: group, for: ada).keys.sorted() == [ada, bob])
            // A group in common is enough.
            let eve = UserID(high: 1, low: 3)
            let other = try await running.group(of: eve, with: [])
            #expect(await fault { try await running.add([bob], to: other, by: eve) }?.code == .forbidden)
            try await running.join(group, try await running.invite(to: group, by: ada).token, by: eve)
            try await running.add([bob], to: other, by: eve)
        }
    }

    @Test func `both who write at the same moment, and notes, are no requests`() async throws {
        try await withMessageStore { store async throws in
            let store = store.asking(aboutStrangers: true)
            try await store.open([LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1))])
            try await store.open([LaneOpening(user: ada, other: ada, at: Timestamp(milliseconds: 1))])
            func send(_ text: String, by user: UserID, in id: ConversationID) -> LaneCommand {
                .send(SendMessage(conversation: id, sender: user, clientMessageId: .random(), text: text))
            }
            _ = try await runLane(
                [
                    send("1", by: ada, in: conversation), send("2", by: bob, in: conversation),
                    send("3", by: ada, in: .direct(ada, ada)),
                ], in: store, batch: 3)
            for user in [ada, bob] {
                let document = try #require(try await store.conversation(conversation, of: user))
                let settings = document.view(for: user)?.settings(of: user)
                // Bob's was one until he wrote.
                #expect(settings == (user == bob ? ConversationSettings(version: 2) : nil))
            }
            let notes = try #require(try await store.conversation(.direct(ada, ada), of: ada))
            #expect(notes.view(for: ada)?.settings(of: ada) == nil)
        }
    }

    @Test func `without the setting nobody is a stranger`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            #expect(try await settings(running, of: bob) == nil)
        }
    }
}
