import ChatContracts
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

/// What members choose for their conversations.
@Suite("Settings of conversations")
struct SettingsTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private var conversation: ConversationID { .direct(ada, bob) }

    private func change(
        _ version: Int64, pinned: Bool? = nil, muted: Bool? = nil, until: Timestamp? = nil, archived: Bool? = nil,
        through: Int64? = nil
    ) -> ChangeConversationSettings {
        ChangeConversationSettings(
            conversation: conversation, user: ada, version: version, pinned: pinned, muted: muted, mutedUntil: until,
            archived: archived, archivedThrough: through)
    }

    private func settings(_ running: RunningMessages, of user: UserID, for viewer: UserID) async throws
        -> ConversationSettings?
    {
        try await running.get(conversation, viewer).members.first { $0.user == user }?.settings
    }

    @Test func `are the member's own, the same wherever they are read, and told to the member's devices alone`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            for text in ["1", "2"] { try await running.send(text, by: ada, in: conversation) }
            #expect(try await settings(running, of: ada, for: ada) == nil)
            let until = Timestamp(milliseconds: Timestamp.now.milliseconds + 3_600_000)
            let pinned = try #require(try await running.choose(change(0, pinned: true)))
            #expect(pinned.version == 1 && pinned.pinnedAt != nil && !pinned.isMuted)
            let chosen = try #require(
                try await running.choose(change(1, muted: true, until: until, archived: true)))
            #expect(
                chosen
                    == ConversationSettings(
                        version: 2, pinnedAt: pinned.pinnedAt, isMuted: true, mutedUntil: until, archivedThrough: 2))

            #expect(try await settings(running, of: ada, for: ada) == chosen)
            #expect(try await settings(running, of: ada, for: bob) == nil)
            let list = try await running.query(ListConversations(user: ada))
            #expect(list.conversations.first?.members.first { $0.user == ada }?.settings == chosen)
            let sync = try await running.query(SyncChanges(user: ada, cursors: [conversation: 2], recent: 0))
            #expect(sync.conversations.first?.members.first { $0.user == ada }?.settings == chosen)
            try await eventually("ada's devices hear of it") {
                let changes = try running.events.all(EventName.conversationSettings).map { event in
                    (
                        try JSONDecoder().decode(ConversationSettingsChanged.self, from: Data(event.data)),
                        event.recipients
                    )
                }
                return changes.contains { $0.0.settings == chosen } && changes.allSatisfy { $0.1 == [ada] }
            }
        }
    }

    @Test func `a choice stays until it is made again, whatever comes twice or too late`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            let pinned = try #require(try await running.choose(change(0, pinned: true)))
            #expect(try await running.choose(change(0, pinned: true)) == pinned, "a copy")
            #expect(try await running.choose(change(1, pinned: true)) == pinned, "nothing new")
            // Another device, which knows nothing of the pin, mutes.
            let muted = try #require(try await running.choose(change(0, muted: true)))
            #expect(muted.version == 2 && muted.isMuted && muted.pinnedAt == pinned.pinnedAt)
            let unpinned = try #require(try await running.choose(change(2, pinned: false)))
            #expect(unpinned.version == 3 && unpinned.pinnedAt == nil)
            #expect(try await running.choose(change(0, pinned: true)) == unpinned, "a copy behind a newer choice")
            #expect(try await running.choose(change(1, muted: false))?.isMuted == true, "knows no muting")
            #expect(try await running.choose(change(3, muted: false))?.isMuted == false)
        }
    }

    @Test func `an archived conversation comes back with the next message, unless it is muted`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            for text in ["1", "2", "3"] { try await running.send(text, by: ada, in: conversation) }
            // The client has seen the second message only.
            let behind = try #require(try await running.choose(change(0, archived: true, through: 2)))
            #expect(behind.archivedThrough == 2 && !behind.isArchived(newest: 3, at: .now))
            let archived = try #require(try await running.choose(change(1, archived: true, through: 9)))
            #expect(archived.archivedThrough == 3 && archived.isArchived(newest: 3, at: .now))
            #expect(!archived.isArchived(newest: 4, at: .now))
            let muted = try #require(
                try await running.choose(
                    change(2, muted: true, until: Timestamp(milliseconds: Timestamp.now.milliseconds + 60_000))))
            #expect(muted.isArchived(newest: 4, at: .now))
            let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 60_001)
            #expect(!muted.isArchived(newest: 4, at: later) && muted.isArchived(newest: 3, at: later))
            #expect(try await running.choose(change(3, archived: false))?.archivedThrough == nil)
        }
    }

    @Test func `pinned conversations are at the top of the first page, the last one first, each once`() async throws {
        try await withMessagesService { running async throws in
            let others = (2..<8).map { UserID(high: 1, low: $0) }
            for other in others {
                try await running.open(ada, other)
                try await running.send("x", by: ada, in: .direct(ada, other))
            }
            // Everybody has pinned something; that is nothing to ada.
            try await running.choose(
                ChangeConversationSettings(
                    conversation: .direct(ada, others[5]), user: others[5], version: 0, pinned: true))
            for other in [others[1], others[0]] {
                try await running.choose(
                    ChangeConversationSettings(
                        conversation: .direct(ada, other), user: ada, version: 0, pinned: true))
            }
            func partners(_ page: ConversationPage) -> [UserID] {
                page.conversations.compactMap { $0.members.first { $0.user != ada }?.user }
            }
            let first = try await running.query(ListConversations(user: ada, limit: 3))
            #expect(partners(first) == [others[0], others[1], others[5], others[4], others[3]])
            let second = try await running.query(ListConversations(user: ada, after: first.next, limit: 5))
            #expect(partners(second) == [others[2], others[1], others[0]] && second.next == nil)
            let page = try await running.query(
                ReadChatPage(
                    user: ada, limit: 2,
                    shown: .init(conversation: .direct(ada, others[1]), part: .newest, limit: 5)))
            #expect(partners(try page.list.get()) == [others[0], others[1], others[5], others[4]])
            #expect(try page.shown?.get().conversation.id == .direct(ada, others[1]))
        }
    }

    @Test func `whoever blocks is told nothing any more, tells nothing, and nobody else is concerned`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            let first = try await running.send("1", by: ada, in: conversation)
            let second = try await running.send("2", by: bob, in: conversation)
            let client = running.client
            func carryOut<Command: ConversationCommand>(_ command: Command) async throws -> Command.Reply {
                try await client.call(
                    command, queue: RunningMessages.queue(conversation), form: .command,
                    context: RunningMessages.patient)
            }
            let blocked = try #require(
                try await running.choose(
                    ChangeConversationSettings(conversation: conversation, user: ada, version: 0, blocked: true)))
            #expect(blocked.isBlocked && blocked.version == 1)
            for (user, mine) in [(ada, first), (bob, second)] {
                let faults = [
                    await fault { try await running.send("3", by: user, in: conversation) },
                    await fault {
                        try await carryOut(
                            EditMessage(
                                conversation: conversation, user: user, seq: mine.seq, rev: mine.seq, text: "x"))
                    },
                    await fault {
                        try await carryOut(
                            SetReaction(conversation: conversation, user: user, seq: 1, rev: 2, emoji: "👍"))
                    },
                ]
                #expect(faults.map { $0?.code } == Array(repeating: .forbidden, count: 3))
            }
            #expect(try await running.get(conversation, bob).isRefused == true)
            #expect(try await running.get(conversation, ada).isRefused == nil)
            #expect(try await !running.get(conversation, ada).isOpen(for: ada))
            // A message that was stored before is answered as ever, and one's own can still be deleted.
            #expect(
                try await running.send("2", by: bob, in: conversation, id: second.clientMessageId).seq == second.seq)
            let deleted = try await carryOut(
                DeleteMessage(conversation: conversation, user: bob, seq: second.seq))
            #expect(deleted.isDeleted)
            let eve = UserID(high: 1, low: 3)
            try await running.open(eve, ada)
            try await running.send("Others may", by: eve, in: .direct(eve, ada))

            _ = try await running.choose(
                ChangeConversationSettings(conversation: conversation, user: ada, version: 1, blocked: false))
            #expect(try await running.get(conversation, bob).isRefused == nil)
            try await running.send("Again", by: bob, in: conversation)
        }
    }

    @Test func `are refused where they make no sense, and to strangers`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await running.send("1", by: ada, in: conversation)
            #expect(await fault { try await running.choose(change(0)) }?.field == "pinned")
            #expect(await fault { try await running.choose(change(-1, pinned: true)) }?.field == "version")
            #expect(
                await fault { try await running.choose(change(0, pinned: true, until: .now)) }?.field == "mutedUntil")
            #expect(
                await fault { try await running.choose(change(0, pinned: true, through: 1)) }?.field
                    == "archivedThrough")
            let eve = UserID(high: 1, low: 3)
            let stranger = await fault {
                try await running.choose(
                    ChangeConversationSettings(conversation: conversation, user: eve, version: 0, pinned: true))
            }
            #expect(stranger?.code == .notFound)
            #expect(try await settings(running, of: ada, for: ada) == nil)
        }
    }

    @Test func `do not write the summary of a busy conversation wrongly, in one batch with messages`() async throws {
        try await withMessageStore { store async throws in
            try await store.open([LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1))])
            func send(_ text: String) -> LaneCommand {
                .send(
                    SendMessage(conversation: conversation, sender: ada, clientMessageId: .random(), text: text))
            }
            _ = try await runLane([send("1"), send("2"), send("3")], in: store)
            let responses = try await runLane(
                [send("4"), .settings(change(0, archived: true)), send("5"), .settings(change(1, pinned: true))],
                in: store, batch: 4)
            guard case .settings(let last)? = responses.last else {
                Issue.record("\(responses)")
                return
            }
            let document = try #require(try await store.conversation(conversation, of: ada))
            #expect(document.state.head == 5 && document.state.count == 5)
            #expect(document.view(for: ada)?.members.first { $0.user == ada }?.settings == last.settings)
            #expect(last.settings?.pinnedAt != nil && last.settings?.archivedThrough == 5)
        }
    }
}
