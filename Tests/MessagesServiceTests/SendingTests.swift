import ChatContracts
import Foundation
import Logging
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

@Suite("Sending through the broker into the database", .serialized, .timeLimit(.minutes(5)))
struct SendingTests {
    let ada = UserID.random()
    let bob = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    @Test func `A message is stored, answered, shown in the list and told to both members`() async throws {
        try await withMessagesService { running async throws in
            let opened = try await running.open(ada, bob)
            #expect(opened.id == conversation)
            #expect(opened.members.map(\.user) == [ada, bob].sorted())
            #expect(opened.head == 0 && opened.unread == 0 && opened.lastMessage == nil)

            let message = try await running.send("hello \"you\"\n\u{0}é", by: ada, in: conversation)
            #expect(message.seq == 1 && message.rev == 1 && message.sender == ada)
            #expect(try await running.stored(conversation) == [message])
            // A reply means that every later read shows it.
            let forBob = try await running.get(conversation, bob)
            #expect(forBob.head == 1 && forBob.unread == 1 && forBob.lastMessage == message)
            #expect(try await running.get(conversation, ada).unread == 0)

            try await eventually("both events arrive") {
                running.events.all(EventName.messageSent).count == 1
                    && running.events.all(EventName.conversationOpened).count == 1
            }
            #expect(running.events.all(EventName.conversationOpened)[0].recipients == [ada])
            let event = running.events.all(EventName.messageSent)[0]
            #expect(Set(event.recipients) == [ada, bob])
            #expect(try running.events.messages(of: conversation) == [message])
        }
    }

    @Test func `The same client message id at the same time and later gives one message and the same answer`()
        async throws
    {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            let id = ClientMessageID.random()
            let responses = try await withThrowingTaskGroup(of: Message.self) { group in
                for _ in 0..<40 { group.addTask { try await running.send("once", by: ada, in: conversation, id: id) } }
                return try await group.reduce(into: Set<Message>()) { $0.insert($1) }
            }
            #expect(responses.count == 1)
            try await running.send("between", by: bob, in: conversation)
            #expect(try await running.send("once", by: ada, in: conversation, id: id) == responses.first)
            #expect(try await running.stored(conversation).count == 2)

            let reuse = await fault { try await running.send("twice", by: ada, in: conversation, id: id) }
            #expect(reuse?.code == .clientMessageIDReused)
            // The other member may choose the same id.
            #expect(try await running.send("mine", by: bob, in: conversation, id: id).seq == 3)
        }
    }

    @Test func `Many senders at once get the numbers 1 to n, each sender's in the order of sending`() async throws {
        try await withMessagesService { running async throws in
            let users = (0..<6).map { _ in UserID.random() }
            let pairs = [(users[0], users[1]), (users[2], users[3]), (users[4], users[5])]
            for (one, other) in pairs { try await running.openForBoth(one, other) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (one, other) in pairs {
                    for sender in [one, other] {
                        group.addTask {
                            var last: Int64 = 0
                            for number in 0..<30 {
                                let message = try await running.send(
                                    "\(number)", by: sender, in: .direct(one, other))
                                #expect(message.seq > last)
                                last = message.seq
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (one, other) in pairs {
                let stored = try await running.stored(.direct(one, other))
                #expect(stored.map(\.seq) == Array(1...60))
                for sender in [one, other] {
                    #expect(stored.filter { $0.sender == sender }.map(\.text) == (0..<30).map(String.init))
                }
                let seen = try await running.get(.direct(one, other), one)
                #expect(seen.head == 60 && seen.unread == 30 && seen.lastMessage == stored.last)
                try await eventually("every event has come") {
                    try running.events.messages(of: .direct(one, other)).count == 60
                }
                #expect(try running.events.messages(of: .direct(one, other)).map(\.seq) == Array(1...60))
            }
        }
    }

    @Test func `Who is not a member learns nothing and changes nothing`() async throws {
        try await withMessagesService { running async throws in
            let eve = UserID.random()
            try await running.open(ada, bob)
            try await running.send("secret", by: ada, in: conversation)
            let unknown = ConversationID.random()
            for id in [conversation, unknown] {
                let faults = [
                    await fault { try await running.send("let me in", by: eve, in: id) },
                    await fault { try await running.setPosition(id, eve, read: 1) },
                    await fault { try await running.get(id, eve) },
                    await fault {
                        try await running.query(ReadHistory(user: eve, conversation: id, limit: 10))
                    },
                ]
                #expect(faults.map(\.?.code) == Array(repeating: .notFound, count: 4))
            }
            #expect(try await running.query(ListConversations(user: eve)).conversations.isEmpty)
            let sync = try await running.query(SyncChanges(user: eve, cursors: [conversation: 0]))
            #expect(sync == SyncResponse(conversations: [], changes: [], more: false))
            #expect(try await running.query(RecentHeads(users: [eve], withinSeconds: 60)).heads.isEmpty)
            #expect(try await running.stored(conversation).count == 1)
        }
    }

    @Test func `Notes to oneself are a conversation of one member, with everything that belongs to one`() async throws {
        try await withMessagesService { running async throws in
            let notes = try await running.open(ada, ada)
            #expect(notes.members.map(\.user) == [ada] && notes.id == .direct(ada, ada) && notes.head == 0)
            #expect(try await running.open(ada, ada) == notes)
            let note = try await running.send("milk", by: ada, in: notes.id)
            #expect(note.seq == 1)
            let seen = try await running.setPosition(notes.id, ada, received: 1, read: 1)
            #expect(seen.read == 1 && seen.unread == 0)
            let view = try await running.get(notes.id, ada)
            #expect(view.unread == 0 && view.lastMessage == note && view.members.count == 1)
            #expect(try await running.query(ListConversations(user: ada)).conversations == [view])
            let sync = try await running.query(SyncChanges(user: ada, cursors: [notes.id: 0]))
            #expect(sync.changes.first?.messages == [note])
            #expect(try await running.query(RecentHeads(users: [ada], withinSeconds: 60)).heads == [ada: [notes.id: 1]])
            try await eventually("ada's other devices hear of it") {
                running.events.all(EventName.messageSent).contains { $0.recipients == [ada] }
            }
            let eve = UserID(high: 9, low: 9)
            let stranger = await fault { try await running.get(notes.id, eve) }
            #expect(stranger?.code == .notFound)
            let intruder = await fault { try await running.send("hello", by: eve, in: notes.id) }
            #expect(intruder?.code == .notFound)
        }
    }

    @Test func `Opening a conversation again, from either side, finds it as it is`() async throws {
        try await withMessagesService { running async throws in
            let first = try await running.open(ada, bob)
            try await running.open(bob, ada)
            let message = try await running.send("hi", by: bob, in: conversation)
            let again = try await running.open(bob, ada)
            #expect(again.id == first.id && again.createdAt == message.sentAt)
            #expect(again.lastMessage == message && again.unread == 0)
            #expect(try await running.open(ada, bob).unread == 1)
            #expect(running.events.all(EventName.conversationOpened).count <= 2)
        }
    }

    @Test func `Positions move forward only, and unread counts are exact at every one of them`() async throws {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            // 1 a, 2 b, 3 b, 4 a, 5 b, 6 b, 7 b, 8 a
            for sender in [ada, bob, bob, ada, bob, bob, bob, ada] {
                try await running.send("x", by: sender, in: conversation)
            }
            #expect(try await running.get(conversation, ada).unread == 5)
            var unread: [Int64] = []
            for read in Int64(1)...8 {
                unread.append(try await running.setPosition(conversation, ada, read: read).unread)
            }
            #expect(unread == [5, 4, 3, 3, 2, 1, 0, 0])
            let back = try await running.setPosition(conversation, ada, received: 2, read: 3)
            #expect(back.read == 8 && back.received == 8 && back.unread == 0 && back.head == 8)

            let beyond = try await running.setPosition(conversation, bob, received: 1_000)
            #expect(beyond.received == 8 && beyond.read == 0 && beyond.unread == 3)
            let members = try await running.get(conversation, ada).members
            #expect(members.first { $0.user == bob }?.received == 8)
            try await eventually("the other side hears of the position") {
                try running.events.all(EventName.positionChanged).contains { event in
                    let change = try JSONDecoder().decode(PositionChanged.self, from: Data(event.data))
                    return change == beyond && Set(event.recipients) == [ada, bob]
                }
            }
            try await running.send("y", by: ada, in: conversation)
            #expect(try await running.get(conversation, bob).unread == 4)
        }
    }

    @Test func `A malformed command is dead-lettered with its reason, and its neighbours are not harmed`() async throws
    {
        try await withMessagesService { running async throws in
            try await running.open(ada, bob)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { try await running.send("\(number)", by: ada, in: conversation) }
                }
                for _ in 0..<3 {
                    group.addTask {
                        _ = try? await running.client.call(
                            Nonsense(nothing: 1), queue: RunningMessages.queue(conversation), form: .command,
                            context: .background(timeout: .milliseconds(500)))
                    }
                }
                group.addTask {
                    let stray = (0..<Topology.shardCount).first { $0 != Topology.shard(of: conversation) } ?? 0
                    _ = try? await running.client.call(
                        SendMessage(
                            conversation: conversation, sender: ada, clientMessageId: .random(), text: "astray"),
                        queue: Topology.messageCommands(shard: stray), form: .command,
                        context: .background(timeout: .milliseconds(500)))
                }
                try await group.waitForAll()
            }
            #expect(try await running.stored(conversation).map(\.seq) == Array(1...20))
            let letters = CommandSubscription(
                bus: running.bus, queue: Topology.messageDeadLetters, prefetch: 100,
                deadLetterQueue: Topology.messageDeadLetters, logger: .init(label: "test"))
            let bodies = try await within(.seconds(60)) {
                var bodies: [String] = []
                for await event in letters.events {
                    guard case .commands(let deliveries) = event else { continue }
                    for delivery in deliveries { bodies.append(String(decoding: delivery.body, as: UTF8.self)) }
                    if bodies.count >= 4 { break }
                }
                return bodies
            }
            await letters.cancel()
            #expect(bodies.count == 4)
            #expect(bodies.count { $0.contains("nothing") } == 3)
            #expect(bodies.count { $0.contains("astray") } == 1)
        }
    }
}

/// Says that it is a message and is none.
struct Nonsense: ServiceRequest {
    static let typeName = SendMessage.typeName
    typealias Reply = Message
    var nothing: Int
}
