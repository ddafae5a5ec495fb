import ChatContracts
import MessageBus
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

/// Whom messages in groups call, and who is told how often.
@Suite("Mentions")
struct GroupMentionTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private let cem = UserID(high: 1, low: 3)
    private let dot = UserID(high: 1, low: 4)

    private func mention(_ user: UserID) -> Mention { Mention(user: user, name: "user\(user.low)") }

    private func send(
        _ running: RunningMessages, by user: UserID, in conversation: ConversationID, mentioning mentions: [Mention]
    ) async throws -> Message {
        try await running.client.call(
            SendMessage(
                conversation: conversation, sender: user, clientMessageId: .random(), text: "hello",
                mentions: mentions), queue: RunningMessages.queue(conversation), form: .command,
            context: RunningMessages.patient)
    }

    private func edit(
        _ running: RunningMessages, _ message: Message, to text: String, mentioning mentions: [Mention]?
    ) async throws -> Message {
        try await running.client.call(
            EditMessage(
                conversation: message.conversation, user: message.sender, seq: message.seq, rev: message.textRev,
                text: text, mentions: mentions), queue: RunningMessages.queue(message.conversation), form: .command,
            context: RunningMessages.patient
        ).message
    }

    @Test func `members are mentioned, each once, strangers are not, and everybody only by who manages the group`()
        async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            let sent = try await send(
                running, by: bob, in: group,
                mentioning: [mention(cem), mention(dot), mention(cem), .everybody, mention(ada)])
            #expect(sent.mentions == [mention(cem), mention(ada)])
            #expect(try await running.get(group, cem).mentions == [sent.seq])
            #expect(try await running.get(group, bob).mentions == nil)
            #expect(try await running.history(group, cem).last == sent)
            #expect(try await running.sync(cem, [group: 1]).changes.first?.messages == [sent])

            let all = try await send(running, by: ada, in: group, mentioning: [.everybody])
            #expect(all.mentions == [.everybody])
            #expect(try await running.get(group, bob).mentions == [all.seq])
            #expect(try await running.get(group, ada).mentions == [sent.seq], "not by oneself")
            let list = try await running.query(ListConversations(user: cem))
            #expect(list.conversations.first?.mentions == [sent.seq, all.seq])

            let direct = try await running.open(ada, bob).id
            #expect(try await send(running, by: ada, in: direct, mentioning: [mention(bob)]).mentions.isEmpty)
        }
    }

    @Test func `a mention is told until it is read, deleted, or edited away, also while the change is half done`()
        async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            var sent: [Message] = []
            for _ in 0..<4 {
                sent.append(try await send(running, by: ada, in: group, mentioning: [mention(bob)]))
            }
            #expect(try await running.get(group, bob).mentions == sent.map(\.seq))
            _ = try await running.setPosition(group, bob, read: sent[0].seq)
            #expect(try await running.get(group, bob).mentions == sent[1...].map(\.seq))
            _ = try await running.markUnread(group, bob, from: sent[0].seq, marks: 0)
            #expect(try await running.get(group, bob).mentions == sent.map(\.seq))

            _ = try await running.client.call(
                DeleteMessage(conversation: group, user: ada, seq: sent[1].seq), queue: RunningMessages.queue(group),
                form: .command, context: RunningMessages.patient)
            let edited = try await edit(running, sent[2], to: "nobody", mentioning: nil)
            #expect(edited.mentions.isEmpty)
            #expect(try await running.get(group, bob).mentions == [sent[0].seq, sent[3].seq])
            let again = try await edit(running, edited, to: "bob after all", mentioning: [mention(bob), mention(dot)])
            #expect(again.mentions == [mention(bob)])
            #expect(try await running.get(group, bob).mentions == [sent[0].seq, sent[2].seq, sent[3].seq])

            // The marker of a change is stored, and the service ends before the message follows.
            let id = BSONDocument { $0.append(ConversationField.id, BSONBinary(group.bytes)) }
            let marked = BSONDocument { writer in
                writer.document("$set") { $0.append(ConversationField.mark, Int64(1)) }
            }
            _ = try await running.store.conversations.update(id, update: marked)
            var last = sent[3]
            last.rev = try await running.get(group, bob).head + 1
            last.text = "nobody"
            last.mentions = []
            last.edit = MessageEdit(at: .now, rev: last.rev)
            _ = try await running.store.messages.insertMany([Change(message: last, replaces: sent[3].rev).document])
            #expect(try await running.get(group, bob).mentions == [sent[0].seq, sent[2].seq])
        }
    }

    @Test func `whoever comes later is not called by what was written before, nor whoever was removed`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob], showsHistory: true)
            let before = try await send(running, by: ada, in: group, mentioning: [mention(cem), mention(bob)])
            #expect(before.mentions == [mention(bob)])
            try await running.add([cem], to: group, by: ada)
            #expect(try await running.get(group, cem).mentions == nil)
            let there = try await send(running, by: ada, in: group, mentioning: [mention(cem)])
            #expect(there.mentions == [mention(cem)], "known to the lane as a member now")
            try await running.remove(cem, from: group, by: ada)
            #expect(try await send(running, by: ada, in: group, mentioning: [mention(cem)]).mentions.isEmpty)
            #expect(await fault { try await running.get(group, cem) }?.code == .notFound)
            try await running.add([cem], to: group, by: ada)
            #expect(try await running.get(group, cem).mentions == nil, "begins anew")
        }
    }

    @Test func `a repeat of a message with mentions is the same message, whoever is a member by then`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            let command = SendMessage(
                conversation: group, sender: ada, clientMessageId: .random(), text: "hello", mentions: [mention(bob)])
            let sent = try await running.client.call(
                command, queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
            try await running.remove(bob, from: group, by: ada)
            let again = try await running.client.call(
                command, queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
            #expect(again == sent)
        }
    }

    @Test func `a hundred mentions are told at most, the oldest, whatever was written between them`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            let messages = (2...260).map { number in
                Message(
                    conversation: group, seq: number, rev: number, sender: ada, clientMessageId: .random(), text: "x",
                    sentAt: .now, mentions: number % 2 == 0 ? [mention(bob)] : [])
            }
            _ = try await running.store.messages.insertMany(messages.map { Change(message: $0).document })
            let id = BSONDocument { $0.append(ConversationField.id, BSONBinary(group.bytes)) }
            let marked = BSONDocument { writer in
                writer.document("$set") { $0.append(ConversationField.mark, Int64(1)) }
            }
            _ = try await running.store.conversations.update(id, update: marked)
            let told = try await running.get(group, bob).mentions ?? []
            #expect(told == (1...100).map { Int64($0 * 2) })
        }
    }
}
