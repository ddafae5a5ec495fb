import ChatContracts
import MessageBus
import TestSupport
import Testing

@testable import MessagesService

/// The ids of direct conversations follow from public user ids, so anybody can ask about anybody's conversation.
@Suite("Outsiders", .serialized, .timeLimit(.minutes(5)))
struct OutsiderTests {
    let ada = UserID.random()
    let bob = UserID.random()
    let eve = UserID.random()
    var conversation: ConversationID { .direct(ada, bob) }

    /// Every request that takes a conversation's id.
    enum Kind: String, CaseIterable, Sendable {
        case get, history, historyAfter, chatPage, syncBehind, syncAhead, send, received, read
    }

    /// Asks as the outsider, and returns the answer as text.
    private func answer(
        to kind: Kind, about id: ConversationID, in running: RunningMessages
    ) async throws -> String {
        let fault: Fault?
        switch kind {
        case .get: fault = await MessagesServiceTests.fault { try await running.get(id, eve) }
        case .history:
            fault = await MessagesServiceTests.fault {
                try await running.query(ReadHistory(user: eve, conversation: id, limit: 50))
            }
        case .historyAfter:
            fault = await MessagesServiceTests.fault {
                try await running.query(ReadHistory(user: eve, conversation: id, after: 1, limit: 50))
            }
        case .chatPage:
            let shown = ReadChatPage.Shown(conversation: id, part: .opening, limit: 50)
            return "\(try await running.query(ReadChatPage(user: eve, shown: shown)))"
        case .syncBehind, .syncAhead:
            let cursor: Int64 = kind == .syncAhead ? .max : 0
            return "\(try await running.query(SyncChanges(user: eve, cursors: [id: cursor])))"
        case .send: fault = await MessagesServiceTests.fault { try await running.send("x", by: eve, in: id) }
        case .received:
            fault = await MessagesServiceTests.fault { try await running.setPosition(id, eve, received: 1 << 40) }
        case .read: fault = await MessagesServiceTests.fault { try await running.setPosition(id, eve, read: 3) }
        }
        return "\(try #require(fault))"
    }

    /// An id that nobody has, of the same shard.
    private func unknown() -> ConversationID {
        while true {
            let id = ConversationID.random()
            if Topology.shard(of: id) == Topology.shard(of: conversation) { return id }
        }
    }

    private func median(_ times: [Duration]) -> Duration { times.sorted()[times.count / 2] }

    @Test func `are answered alike, in words and in time, about a conversation of others and about none`() async throws
    {
        try await withMessagesService { running async throws in
            try await running.openForBoth(ada, bob)
            for number in 0..<60 {
                try await running.send("\(number)", by: number % 2 == 0 ? ada : bob, in: conversation)
            }
            for kind in Kind.allCases {
                var ratios: [Double] = []
                // A busy machine can spoil one comparison, not four in a row in the same direction.
                for _ in 0..<4 {
                    var times: (existing: [Duration], unknown: [Duration]) = ([], [])
                    for sample in 0..<40 {
                        let none = unknown()
                        var responses: Set<String> = []
                        for isExisting in sample % 2 == 0 ? [true, false] : [false, true] {
                            let start = ContinuousClock.now
                            responses.insert(
                                try await answer(to: kind, about: isExisting ? conversation : none, in: running))
                            let time = ContinuousClock.now - start
                            if isExisting { times.existing.append(time) } else { times.unknown.append(time) }
                        }
                        #expect(responses.count == 1, "\(kind): \(responses)")
                    }
                    ratios.append(median(times.existing) / median(times.unknown))
                    if (0.8...1.25).contains(ratios[ratios.count - 1]) { break }
                }
                let last = try #require(ratios.last)
                #expect((0.8...1.25).contains(last), "\(kind): \(ratios)")
            }
            #expect(try await running.stored(conversation).count == 60)
        }
    }

    @Test func `cost a lane the same steps about a conversation that it remembers and about one that nobody has`()
        throws
    {
        var planner = PlannerWithBatch(shards: [0])
        planner.observe(.subscribed, shard: 0)
        var opened = ConversationState(
            new: conversation, members: [ada, bob].sorted(), createdAt: Timestamp(milliseconds: 0))
        for place in opened.members.indices { opened.members[place].openedAt = opened.createdAt }
        let loaded = LoadedConversation(document: opened, last: nil, tail: [])

        func steps(of command: LaneCommand) throws -> [String] {
            planner.observe(
                .deliveries([
                    LaneDelivery(handle: 1, shard: 0, command: command, redelivered: false, deliveryCount: 0)
                ]), shard: 0)
            let first = planner.begin(now: Timestamp(milliseconds: 5))
            var decision = try #require(first)
            var names: [String] = []
            while case .step(let step) = decision {
                names.append(step.name.rawValue)
                switch step {
                case .load(let load):
                    names.append(
                        "\(load.conversations.count) \(load.memberships.count) \(load.messages.count) "
                            + "\(load.entries.count) \(load.counts.count)")
                    let isMember = load.memberships.contains { opened.index(of: $0.user) != nil }
                    decision = planner.advance(.loaded(.init(conversations: isMember ? [loaded] : [])))
                case .write(let changes): decision = planner.advance(.written(.init(stored: changes.count)))
                case .update(let updates): decision = planner.advance(.updated(matched: updates.count))
                case .publish: decision = planner.advance(.published(confirmed: true))
                case .open, .deadLetter, .deadLetterPoison: return names + ["unexpected"]
                }
            }
            guard case .finish = decision else { return names + ["unexpected"] }
            return names
        }
        func send(_ id: ConversationID, by user: UserID) -> LaneCommand {
            .send(SendMessage(conversation: id, sender: user, clientMessageId: .random(), text: "x"))
        }
        func position(_ id: ConversationID) -> LaneCommand {
            .position(SetPosition(conversation: id, user: eve, received: .max, read: 1))
        }
        func edit(_ id: ConversationID) -> LaneCommand {
            .change(EditMessage(conversation: id, user: eve, seq: 1, rev: 1, text: "y"))
        }
        let cold = try steps(of: send(conversation, by: ada))
        let warm = try steps(of: send(conversation, by: ada))
        #expect(cold.first == "load" && warm.first == "write", "the lane remembers it")
        let sends = [try steps(of: send(conversation, by: eve)), try steps(of: send(unknown(), by: eve))]
        #expect(sends[0] == sends[1])
        let positions = [try steps(of: position(conversation)), try steps(of: position(unknown()))]
        #expect(positions[0] == positions[1])
        let edits = [try steps(of: edit(conversation)), try steps(of: edit(unknown()))]
        #expect(edits[0] == edits[1])
    }
}
