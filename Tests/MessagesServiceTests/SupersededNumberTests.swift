import ChatContracts
import MongoStore
import Testing

@testable import MessagesService

/// Numbers whose entry has moved on to a later number.
@Suite("Numbers that later ones have replaced", .serialized, .timeLimit(.minutes(5)))
struct SupersededNumberTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    private func send(_ text: String) -> LaneCommand {
        .send(SendMessage(conversation: conversation, sender: ada, clientMessageId: .random(), text: text))
    }

    private func edit(_ seq: Int64, rev: Int64, _ text: String) -> LaneCommand {
        .change(EditMessage(conversation: conversation, user: ada, seq: seq, rev: rev, text: text))
    }

    private func opened(_ store: MessageStore) async throws {
        try await store.open([
            LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
            LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
        ])
    }

    private func history(_ store: MessageStore) async throws -> MessagePage {
        try await ConversationQueries(store: store).history(
            ReadHistory(user: bob, conversation: conversation, limit: 50))
    }

    /// What a client has that held these messages at this number and syncs until there is no more.
    private func caughtUp(
        from held: [Message], at number: Int64, budget: Int, in store: MessageStore
    ) async throws -> (cursor: Int64, messages: [Message]) {
        var entries = Dictionary(uniqueKeysWithValues: held.map { ($0.seq, $0) })
        var cursor = number
        for _ in 0..<20 {
            let response = try await SyncQuery(store: store, messageBudget: budget)(
                SyncChanges(user: bob, cursors: [conversation: cursor]))
            for changes in response.changes {
                #expect(!changes.reset && changes.cursor > cursor)
                cursor = changes.cursor
                for message in changes.messages where message.rev > entries[message.seq]?.rev ?? 0 {
                    entries[message.seq] = message
                }
            }
            if !response.more { break }
        }
        return (cursor, entries.values.sorted { $0.seq < $1.seq })
    }

    @Test(arguments: [1, 2, 1_000])
    func `are no gap to whoever catches up from any of them, in one answer or in many`(budget: Int) async throws {
        try await withMessageStore { store async throws in
            try await opened(store)
            var states: [(head: Int64, messages: [Message])] = [(0, [])]
            let commands: [LaneCommand] = [
                send("one"), send("two"), edit(1, rev: 1, "uno"), edit(1, rev: 3, "eins"),
                .change(SetReaction(conversation: conversation, user: bob, seq: 2, rev: 2, emoji: "👍")),
                edit(1, rev: 4, "un"), send("three"),
                .change(RemoveReaction(conversation: conversation, user: bob, seq: 2, rev: 5, emoji: "👍")),
                .change(DeleteMessage(conversation: conversation, user: ada, seq: 1)),
            ]
            for command in commands {
                _ = try await runLane([command], in: store)
                let page = try await history(store)
                states.append((page.head, page.messages))
            }
            #expect(states.map { $0.head } == Array(0...9))
            let last = try await history(store)
            for state in states {
                let caught = try await caughtUp(from: state.messages, at: state.head, budget: budget, in: store)
                #expect(caught.cursor == 9 && caught.messages == last.messages, "from \(state.head)")
            }
        }
    }

    @Test
    func `stay taken when the service ends between a marker and its entry, and the next lane finishes the change`()
        async throws
    {
        try await withMessageStore { store async throws in
            try await opened(store)
            _ = try await runLane([send("one")], in: store)
            let before = try await history(store).messages
            var message = before[0]
            message.rememberOriginal()
            (message.rev, message.text, message.edit) = (3, "three", MessageEdit(at: .now, rev: 3))
            // Two changes of one batch: the first marker is spent already, the entry was not reached.
            try await store.messages.insert(Change.spentMarker(2, of: message))
            try await store.messages.insert(Change(message: message, replaces: 2).document)
            #expect(try await history(store).messages == before)
            _ = try await runLane([send("four")], in: store)
            let page = try await history(store)
            #expect(page.head == 4 && page.messages.map(\.rev) == [3, 4] && page.messages[0].text == "three")
            for number in Int64(1)...2 {
                let caught = try await caughtUp(from: before, at: number, budget: 1_000, in: store)
                #expect(caught.cursor == 4 && caught.messages == page.messages)
            }
        }
    }

    @Test func `cost 85 bytes each once they are replaced`() {
        let message = Message(
            conversation: conversation, seq: 1, rev: 3, sender: ada, clientMessageId: .random(), text: "text",
            sentAt: .now)
        #expect(Change.spentMarker(2, of: message).bytes.count == 85)
    }

    @Test func `of an old conversation are in the digest of heads, and do not move it in lists`() async throws {
        try await withMessageStore { store async throws in
            try await opened(store)
            let now = Timestamp.now
            let old = Timestamp(milliseconds: now.milliseconds - 7_200_000)
            let since = Timestamp(milliseconds: now.milliseconds - 3_600_000)
            func heads() async throws -> [Int64] {
                try await store.heads(of: [ada, bob], since: since, limit: 100).map { $0.head }
            }
            _ = try await runLane([send("one"), send("two")], in: store, now: old)
            #expect(try await heads() == [])
            _ = try await runLane([edit(1, rev: 1, "uno")], in: store, now: now)
            #expect(try await heads() == [3])
            #expect(try await store.conversation(conversation, of: bob)?.activeAt == old)
            // One that is in both lists is told once.
            _ = try await runLane([send("four")], in: store, now: now)
            #expect(try await heads() == [4])
        }
    }
}
