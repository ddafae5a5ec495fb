import ChatContracts
import Foundation
import MessageBus
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

/// Groups, as their members see them.
@Suite("Groups")
struct GroupTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private let cem = UserID(high: 1, low: 3)
    private let dot = UserID(high: 1, low: 4)

    @Test func `a group is made once, with its people, and everybody in it reads and writes`() async throws {
        try await withMessagesService { running async throws in
            let command = CreateGroup(
                user: ada, clientMessageId: .random(), name: "Allotment", about: "Seeds", members: [bob, cem, bob, ada])
            let made = try await running.ask(command)
            #expect(try await running.ask(command) == made, "a repeat")
            let line = try #require(made.line)
            #expect(line.seq == 1 && line.sender == ada && line.kind == .system && line.text.isEmpty)
            #expect(line.line == .told(.created, [bob, cem], name: "Allotment", about: true, showsHistory: false))
            let group = made.conversation
            #expect(
                made.group
                    == GroupInfo(
                        name: "Allotment", about: "Seeds", showsHistory: false, memberCount: 3, version: 1,
                        role: .owner, historyFrom: 1))
            #expect(try await running.members(of: group, for: bob) == [ada: .owner, bob: .member, cem: .member])

            let sent = try await running.send("hello", by: bob, in: group)
            #expect(sent.seq == 2)
            for user in [ada, bob, cem] {
                let view = try await running.get(group, user)
                #expect(view.form == .group && view.members.map(\.user) == [user] && view.head == 2)
                #expect(view.unread == (user == bob ? 0 : 1) && view.lastMessage?.text == "hello")
                #expect(try await running.history(group, user).map(\.seq) == [1, 2])
                let list = try await running.query(ListConversations(user: user))
                #expect(list.conversations == [view])
                #expect(try await running.sync(user, [group: 1]).changes.first?.messages.map(\.text) == ["hello"])
            }
            // Others learn nothing of it.
            #expect(await fault { try await running.get(group, dot) }?.code == .notFound)
            #expect(await fault { try await running.history(group, dot) }?.code == .notFound)
            #expect(await fault { try await running.members(of: group, for: dot) }?.code == .notFound)
            #expect(await fault { try await running.send("me, too", by: dot, in: group) }?.code == .notFound)
            #expect(try await running.sync(dot, [group: 0]).conversations.isEmpty)
            #expect(await fault { try await running.add([dot], to: group, by: dot) }?.code == .notFound)
        }
    }

    @Test func `two people see which groups they have in common, as long as they are in them`() async throws {
        try await withMessagesService { running async throws in
            func shared(_ user: UserID, _ other: UserID) async throws -> [String] {
                try await running.query(ListSharedGroups(user: user, other: other)).groups.map(\.name)
            }
            let both = try await running.group(of: ada, with: [bob, cem], name: "Both")
            let another = try await running.group(of: bob, with: [ada], name: "Another")
            _ = try await running.group(of: ada, with: [cem], name: "Without Bob")
            #expect(try await shared(ada, bob) == ["Another", "Both"])
            #expect(try await shared(bob, ada) == ["Another", "Both"])
            #expect(try await shared(bob, cem) == ["Both"])
            #expect(try await shared(dot, ada).isEmpty)
            try await running.remove(bob, from: both, by: ada)
            #expect(try await shared(ada, bob) == ["Another"])
            #expect(try await shared(bob, cem).isEmpty)
            try await running.remove(ada, from: another, by: ada)
            #expect(try await shared(bob, ada).isEmpty)
        }
    }

    @Test func `whoever was removed sees nothing more, also before the membership is brought up to the line`()
        async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            try await running.send("hello", by: ada, in: group)
            #expect(try await running.history(group, bob).count == 2)
            // As if a service had ended, or was about to go on, between the two.
            let id = BSONDocument { $0.append(ConversationField.id, BSONBinary(group.bytes)) }
            let marked = BSONDocument { writer in
                writer.document("$set") { $0.append(ConversationField.mark, Int64(1)) }
            }
            _ = try await running.store.conversations.update(id, update: marked)
            let removal = Message(
                conversation: group, seq: 3, rev: 3, sender: ada, clientMessageId: .random(), text: "", sentAt: .now,
                kind: .system, line: GroupLine(.removed, users: [bob], formerRole: .member))
            let later = Message(
                conversation: group, seq: 4, rev: 4, sender: ada, clientMessageId: .random(), text: "secret",
                sentAt: .now)
            _ = try await running.store.messages.insertMany([removal, later].map { Change(message: $0).document })
            #expect(try await running.history(group, ada).map(\.text) == ["", "hello", "", "secret"])
            #expect(await fault { try await running.history(group, bob) }?.code == .notFound)
            #expect(await fault { try await running.get(group, bob) }?.code == .notFound)
            #expect(await fault { try await running.members(of: group, for: bob) }?.code == .notFound)
            #expect(try await running.sync(bob, [group: 1]).changes.isEmpty)
            #expect(try await running.query(ListConversations(user: bob)).conversations.isEmpty)
        }
    }

    @Test func `what is unread is counted from one's own position on, without lines and deleted messages`() async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            for text in ["2", "3", "4"] { try await running.send(text, by: ada, in: group) }
            try await running.send("5", by: bob, in: group)
            try await running.add([dot], to: group, by: ada)
            #expect(try await running.get(group, bob).unread == 3)
            #expect(try await running.get(group, cem).unread == 4)
            #expect(try await running.get(group, dot).unread == 0, "what was written before is not unread")
            let moved = try await running.setPosition(group, cem, read: 3)
            #expect(moved.unread == 2 && moved.read == 3 && moved.head == 6)
            _ = try await running.client.call(
                DeleteMessage(conversation: group, user: ada, seq: 4), queue: RunningMessages.queue(group),
                form: .command, context: RunningMessages.patient)
            #expect(try await running.get(group, cem).unread == 1)
            let marked = try await running.markUnread(group, cem, from: 2, marks: 0)
            #expect(marked.unread == 3 && marked.read == 1)
            #expect(try await running.setPosition(group, cem, read: 99, unreadMarks: 1).unread == 0)
            // Positions in groups are told to their member alone.
            let told = running.events.all(EventName.positionChanged)
            #expect(!told.isEmpty && told.allSatisfy { $0.recipients == [cem] })
        }
    }

    @Test func `whoever is removed is out from the answer on, and back with what is written from then on`() async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            let own = try await running.send("before", by: bob, in: group)
            let removal = try await running.remove(bob, from: group, by: ada)
            #expect(removal.line?.line == .told(.removed, [bob]) && removal.group?.memberCount == 2)
            #expect(removal.group?.version == 3)
            #expect(await fault { try await running.get(group, bob) }?.code == .notFound)
            #expect(await fault { try await running.history(group, bob) }?.code == .notFound)
            #expect(await fault { try await running.members(of: group, for: bob) }?.code == .notFound)
            #expect(await fault { try await running.send("after", by: bob, in: group) }?.code == .notFound)
            #expect(await fault { try await running.setPosition(group, bob, read: 3) }?.code == .notFound)
            let edit = EditMessage(conversation: group, user: bob, seq: own.seq, rev: own.seq, text: "edited")
            #expect(
                await fault {
                    try await running.client.call(
                        edit, queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
                }?.code == .notFound)
            #expect(try await running.sync(bob, [group: 0]).conversations.isEmpty)
            #expect(try await running.query(ListConversations(user: bob)).conversations.isEmpty)
            try await eventually("bob's devices hear of it") {
                try running.events.all(EventName.conversationClosed).contains { event in
                    let closed = try JSONDecoder().decode(ConversationClosed.self, from: Data(event.data))
                    return closed == ConversationClosed(conversation: group, rev: 3) && event.recipients == [bob]
                }
            }
            let removedTwice = try await running.remove(bob, from: group, by: ada)
            #expect(removedTwice.line == nil && removedTwice.group == removal.group)

            try await running.send("without bob", by: cem, in: group)
            try await running.add([bob], to: group, by: ada)
            try await running.send("welcome back", by: cem, in: group)
            let view = try await running.get(group, bob)
            #expect(view.group?.historyFrom == 5 && view.unread == 1)
            #expect(try await running.history(group, bob).map(\.seq) == [5, 6])
            #expect(try await running.history(group, bob, after: 1).map(\.seq) == [5, 6])
            #expect(try await running.history(group, bob, before: 5).isEmpty)
            let changes = try await running.sync(bob, [group: 2]).changes
            #expect(changes.first?.messages.map(\.seq) == [5, 6] && changes.first?.cursor == 6)
            #expect(
                await fault {
                    try await running.client.call(
                        SetReaction(conversation: group, user: bob, seq: 2, rev: 2, emoji: "👍"),
                        queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
                }?.code == .notFound, "a message from before")
            #expect(try await running.history(group, ada).map(\.seq) == Array(1...6))
        }
    }

    @Test func `new members see what was written before only where the group says so, also in quotes`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            let secret = try await running.send("secret", by: ada, in: group)
            try await running.add([cem], to: group, by: ada)
            let reply = try await running.client.call(
                SendMessage(
                    conversation: group, sender: bob, clientMessageId: .random(), text: "yes", replyTo: secret.seq),
                queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
            #expect(reply.replyTo?.text == "secret")
            let shown = try await running.history(group, cem)
            #expect(shown.map(\.seq) == [3, 4] && shown.last?.replyTo?.seq == 2 && shown.last?.replyTo?.text == nil)
            #expect(try await running.history(group, ada).last?.replyTo?.text == "secret")
            #expect(
                await fault {
                    try await running.client.call(
                        SendMessage(
                            conversation: group, sender: cem, clientMessageId: .random(), text: "what?", replyTo: 2),
                        queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
                }?.field == "replyTo")
            let reacted = try await running.client.call(
                SetReaction(conversation: group, user: cem, seq: 4, rev: 4, emoji: "👍"),
                queue: RunningMessages.queue(group), form: .command, context: RunningMessages.patient)
            let answer = reacted.message
            #expect(answer.replyTo?.seq == 2 && answer.replyTo?.text == nil, "the answer to a later member")
            #expect(answer.reactions.map(\.users) == [[cem]])
            // Two events: one for those who see what is quoted, one for the others.
            try await eventually("both are published") {
                running.events.all(EventName.messageSent).count { $0.audience?.historyFrom == 0...2 } == 2
                    && running.events.all(EventName.messageSent).contains { event in
                        event.audience?.historyFrom == 3...4
                            && !String(decoding: event.data, as: UTF8.self).contains("secret")
                    }
            }

            let shows = try await running.ask(
                ChangeGroup(conversation: group, user: ada, clientMessageId: .random(), showsHistory: true))
            #expect(shows.group?.showsHistory == true)
            try await running.add([dot], to: group, by: ada)
            #expect(try await running.history(group, dot).map(\.seq) == [1, 2, 3, 4, 6, 7])
            #expect(try await running.history(group, cem).map(\.seq) == [3, 4, 6, 7], "as before")
        }
    }

    @Test func `the last owner hands over before leaving, and the last member may go`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            #expect(await fault { try await running.remove(ada, from: group, by: ada) }?.code == .lastOwner)
            #expect(await fault { try await running.make(ada, .member, in: group, by: ada) }?.code == .lastOwner)
            #expect(await fault { try await running.make(bob, .admin, in: group, by: bob) }?.code == .forbidden)
            let made = try await running.make(bob, .owner, in: group, by: ada)
            #expect(made.line?.line == .told(.role, [bob], role: .owner) && made.group?.version == 2)
            #expect(try await running.make(bob, .owner, in: group, by: ada).line == nil, "nothing new")
            let id = ClientMessageID.random()
            let left = try await running.remove(ada, from: group, by: ada, id: id)
            #expect(left.group == nil && left.line?.line == .told(.left, [ada]))
            #expect(try await running.remove(ada, from: group, by: ada, id: id) == left, "a repeat")
            #expect(await fault { try await running.remove(ada, from: group, by: ada) }?.code == .notFound, "again")
            #expect(try await running.members(of: group, for: bob) == [bob: .owner])
            #expect(try await running.remove(bob, from: group, by: bob).group == nil)
        }
    }

    @Test func `two owners who remove each other at the same time leave one`() async throws {
        try await withMessagesService(replicas: 2) { running async throws in
            for round in 0..<5 {
                let group = try await running.group(of: ada, with: [bob], name: "\(round)")
                try await running.make(bob, .owner, in: group, by: ada)
                async let one = fault { try await running.remove(bob, from: group, by: ada) }
                async let other = fault { try await running.remove(ada, from: group, by: bob) }
                let faults = await [one, other]
                #expect(faults.compactMap(\.?.code) == [.notFound])
                let survivor = faults[0] == nil ? ada : bob
                #expect(try await running.members(of: group, for: survivor) == [survivor: .owner])
            }
        }
    }

    @Test(arguments: [GroupRole.member, .admin, .owner])
    func `each role may do what the table says`(role: GroupRole) async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem, dot])
            try await running.make(cem, .admin, in: group, by: ada)
            if role != .member { try await running.make(bob, role, in: group, by: ada) }
            let new = UserID(high: 2, low: 1)
            let changes = role >= .admin
            let rules = role == .owner
            #expect((await fault { try await running.add([new], to: group, by: bob) } == nil) == changes)
            #expect((await fault { try await running.remove(dot, from: group, by: bob) } == nil) == changes)
            let rename = ChangeGroup(conversation: group, user: bob, clientMessageId: .random(), name: "Other")
            #expect((await fault { try await running.ask(rename) } == nil) == changes)
            #expect((await fault { try await running.make(cem, .member, in: group, by: bob) } == nil) == rules)
            if rules { try await running.make(cem, .admin, in: group, by: ada) }
            #expect((await fault { try await running.remove(cem, from: group, by: bob) } == nil) == rules)
            #expect((await fault { try await running.remove(ada, from: group, by: bob) } == nil) == rules)
        }
    }

    @Test func `bad input is refused and changes nothing`() async throws {
        try await withMessagesService { running async throws in
            func creation(_ name: String, _ members: [UserID] = []) async -> Fault? {
                await fault {
                    try await running.ask(
                        CreateGroup(user: ada, clientMessageId: .random(), name: name, members: members))
                }
            }
            #expect(await creation("")?.field == "name")
            #expect(await creation(String(repeating: "a", count: 200))?.field == "name")
            #expect(await creation("two\nlines")?.field == "name")
            #expect(await creation("\u{200B}")?.field == "name")
            let many = (1...1_000).map { UserID(high: 3, low: UInt64($0)) }
            #expect(await creation("All", many)?.field == "members")
            let group = try await running.group(of: ada, with: Array(many.prefix(999)))
            #expect(await fault { try await running.add([bob], to: group, by: ada) }?.field == "members")
            #expect(await fault { try await running.add([], to: group, by: ada) }?.field == "members")
            #expect(await fault { try await running.make(bob, .admin, in: group, by: ada) }?.field == "member")
            let nothing = ChangeGroup(conversation: group, user: ada, clientMessageId: .random())
            #expect(await fault { try await running.ask(nothing) }?.field == "name")
            #expect(try await running.get(group, ada).head == 1)
            #expect(try await running.members(of: group, for: ada).count == 1_000)
            #expect(
                await fault {
                    try await running.choose(
                        ChangeConversationSettings(conversation: group, user: ada, version: 0, blocked: true))
                }?.field == "blocked")

            // Whoever has blocked somebody is not added by them.
            try await running.openForBoth(ada, bob)
            try await running.choose(
                ChangeConversationSettings(conversation: .direct(ada, bob), user: bob, version: 0, blocked: true))
            #expect(await creation("With bob", [bob])?.field == "members")
            // A direct conversation is no group.
            #expect(
                await fault { try await running.add([cem], to: .direct(ada, bob), by: ada) }?.code == .notFound)
            // An id that has told something else.
            let id = ClientMessageID.random()
            try await running.send("text", by: ada, in: group, id: id)
            #expect(
                await fault {
                    try await running.ask(
                        ChangeGroup(conversation: group, user: ada, clientMessageId: id, name: "New"))
                }?.code == .clientMessageIDReused)
            // A line is nobody's to change or to answer.
            #expect(
                await fault {
                    try await running.client.call(
                        DeleteMessage(conversation: group, user: ada, seq: 1), queue: RunningMessages.queue(group),
                        form: .command, context: RunningMessages.patient)
                }?.code == .notEditable)
        }
    }

    @Test func `members are read page by page while they change`() async throws {
        try await withMessagesService { running async throws in
            let others = (1...20).map { UserID(high: 3, low: UInt64($0)) }
            let group = try await running.group(of: ada, with: others)
            var seen: [UserID] = []
            var after: UserID?
            var round = 0
            repeat {
                let page = try await running.query(
                    ListGroupMembers(user: ada, conversation: group, after: after, limit: 4))
                seen += page.members.map(\.user)
                after = page.next
                // One that was read goes, and one that was not.
                if round < 4 {
                    try await running.remove(others[round], from: group, by: ada)
                    try await running.remove(others[19 - round], from: group, by: ada)
                }
                round += 1
            } while after != nil
            #expect(Set(seen).count == seen.count)
            #expect(Set(others[4..<16]).union([ada]).isSubset(of: seen))
            #expect(seen == seen.sorted())
        }
    }

    @Test func `an event names its group and the version of the members, and no list of them`() async throws {
        try await withMessagesService { running async throws in
            let many = (1...200).map { UserID(high: 3, low: UInt64($0)) }
            let group = try await running.group(of: ada, with: many)
            try await running.send("hello", by: ada, in: group)
            try await running.remove(many[0], from: group, by: ada)
            try await running.send("bye", by: ada, in: group)
            try await eventually("all are published") { running.events.all(EventName.messageSent).count == 4 }
            let events = running.events.all(EventName.messageSent)
            #expect(events.allSatisfy { $0.recipients.isEmpty && $0.data.count < 1_000 })
            #expect(events.map { $0.audience?.version } == [1, 1, 3, 3])
            let audience = try await running.query(ReadGroupAudience(conversation: group))
            #expect(audience.version == 3 && audience.members.count == 200)
            #expect(!audience.members.contains { $0.user == many[0] })
            #expect(
                await fault { try await running.query(ReadGroupAudience(conversation: .random())) }?.code == .notFound)
        }
    }

    @Test func `a message in a group writes to no membership`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            let before = try await running.store.memberships.find(sort: MessageStore.sort("_id"))
            for number in 0..<20 { try await running.send("\(number)", by: number % 2 == 0 ? ada : bob, in: group) }
            #expect(try await running.store.memberships.find(sort: MessageStore.sort("_id")) == before)
        }
    }

    @Test func `settings of a group follow their member`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            try await running.send("hello", by: bob, in: group)
            let chosen = try await running.choose(
                ChangeConversationSettings(conversation: group, user: ada, version: 0, pinned: true, muted: true))
            #expect(chosen?.version == 1)
            let again = try await running.choose(
                ChangeConversationSettings(conversation: group, user: ada, version: 1, archived: true))
            #expect(again?.archivedThrough == 2 && again?.pinnedAt == chosen?.pinnedAt)
            #expect(try await running.get(group, ada).settings(of: ada) == again)
            #expect(try await running.get(group, bob).settings(of: bob) == nil)
            let other = try await running.group(of: ada, with: [])
            try await running.send("newer", by: ada, in: other)
            let list = try await running.query(ListConversations(user: ada)).conversations.map(\.id)
            #expect(list == [group, other], "the pinned one first")
        }
    }

    @Test func `the digest of heads tells members of groups, and nobody else`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            try await running.send("hello", by: ada, in: group)
            try await running.remove(cem, from: group, by: ada)
            let request = RecentHeads(users: [ada, bob, cem, dot], withinSeconds: 60)
            #expect(try await running.query(request).heads.keys.sorted() == [ada, bob])
            // While a conversation is busy, its head may be that of some seconds ago.
            try await eventually("the digest is up to date") {
                try await running.query(request).heads == [ada: [group: 3], bob: [group: 3]]
            }
        }
    }
}

extension GroupLine {
    /// A line as JSON tells it.
    static func told(
        _ kind: Kind, _ users: [UserID], role: GroupRole? = nil, name: String? = nil, about: Bool = false,
        showsHistory: Bool? = nil
    ) -> GroupLine {
        var line = GroupLine(kind, users: users, role: role, name: name, showsHistory: showsHistory)
        line.hasAbout = about
        return line
    }
}
