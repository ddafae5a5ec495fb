import ChatContracts
import MongoStore
import Testing

@testable import MessagesService

/// Commands that arrive again, before and behind later ones.
@Suite("A command that arrives again", .serialized, .timeLimit(.minutes(5)))
struct RepeatedChangeTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    private func send(_ text: String, id: ClientMessageID, replyTo: Int64? = nil) -> LaneCommand {
        .send(
            SendMessage(
                conversation: conversation, sender: ada, clientMessageId: id, text: text, replyTo: replyTo))
    }

    private func edit(_ seq: Int64, rev: Int64, _ text: String) -> LaneCommand {
        .change(EditMessage(conversation: conversation, user: ada, seq: seq, rev: rev, text: text))
    }

    private func react(rev: Int64) -> LaneCommand {
        .change(SetReaction(conversation: conversation, user: bob, seq: 1, rev: rev, emoji: "👍"))
    }

    private func takeBack(rev: Int64) -> LaneCommand {
        .change(RemoveReaction(conversation: conversation, user: bob, seq: 1, rev: rev, emoji: "👍"))
    }

    private func message(_ response: LaneResponse) -> Message? {
        switch response {
        case .message(let message), .changed(let message), .applied(let message): message
        case .conflict, .conversation, .position, .settings, .group, .fault: nil
        }
    }

    private func opened(_ store: MessageStore) async throws {
        try await store.open([
            LaneOpening(user: ada, other: bob, at: Timestamp(milliseconds: 1)),
            LaneOpening(user: bob, other: ada, at: Timestamp(milliseconds: 2)),
        ])
    }

    @Test(arguments: [false, true])
    func `is known as the send of a message, whatever became of its text`(redelivered: Bool) async throws {
        try await withMessageStore { store async throws in
            try await opened(store)
            let (first, second) = (ClientMessageID.random(), ClientMessageID.random())
            let before = try await runLane(
                [
                    send("first", id: first), send("second", id: second, replyTo: 1), edit(1, rev: 1, "better"),
                    edit(2, rev: 2, "other"), edit(1, rev: 3, "best"),
                ], in: store)
            #expect(before.compactMap(message).map(\.rev) == [1, 2, 3, 4, 5])
            let again = [
                send("first", id: first), send("second", id: second, replyTo: 1), send("best", id: first),
                send("second", id: second),
            ]
            func check(_ responses: [LaneResponse], revs: [Int64]) {
                #expect(responses.prefix(2).compactMap(message).map(\.rev) == revs)
                for response in responses.dropFirst(2) {
                    guard case .fault(let fault) = response else {
                        Issue.record("another text with the same id was answered with \(response)")
                        continue
                    }
                    #expect(fault.code == .clientMessageIDReused)
                }
            }
            check(try await runLane(again, in: store, redelivered: redelivered), revs: [5, 4])
            check(try await runLane(again, in: store, batch: 16, redelivered: redelivered), revs: [5, 4])
            let delete = LaneCommand.change(DeleteMessage(conversation: conversation, user: ada, seq: 1))
            #expect(try await runLane([delete], in: store).compactMap(message).map(\.rev) == [6])
            check(try await runLane(again, in: store, redelivered: redelivered), revs: [6, 4])
        }
    }

    @Test func `changes nothing as an edit, before or behind later ones`() async throws {
        try await withMessageStore { store async throws in
            try await opened(store)
            let commands = [edit(1, rev: 1, "two"), edit(1, rev: 2, "one")]
            _ = try await runLane([send("one", id: .random())] + commands, in: store)
            let responses = try await runLane(commands + commands.reversed(), in: store, redelivered: true)
            guard case .conflict(let message) = responses[0] else {
                Issue.record("\(responses[0])")
                return
            }
            #expect(message.text == "one" && message.rev == 3)
            let stored = try await store.messages(
                of: conversation, after: 0, through: 100, oldestFirst: true, limit: 100)
            #expect(stored == [message])
        }
    }

    @Test func `neither sets a reaction again behind its withdrawal, nor takes a newer one back`() async throws {
        try await withMessageStore { store async throws in
            try await opened(store)
            func reacted() async throws -> Int {
                try await store.messages(of: conversation, after: 0, through: 1, oldestFirst: true, limit: 1)[0]
                    .reactions.count
            }
            let (set, remove) = (react(rev: 1), takeBack(rev: 2))
            _ = try await runLane([send("text", id: .random()), set, set, remove], in: store)
            #expect(try await reacted() == 0)
            let late = try await runLane([set], in: store, redelivered: true)
            guard case .conflict(let message) = late[0] else {
                Issue.record("\(late[0])")
                return
            }
            #expect(try await reacted() == 0 && message.rev == 3)
            // Whoever has seen the withdrawal may react again.
            #expect(try await runLane([react(rev: 3)], in: store).compactMap(self.message).map(\.rev) == [4])
            guard case .conflict = try await runLane([remove], in: store, redelivered: true)[0] else {
                Issue.record("a late withdrawal was not refused")
                return
            }
            #expect(try await reacted() == 1)
        }
    }
}
