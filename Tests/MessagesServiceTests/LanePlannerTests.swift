import ChatContracts
import Testing

@testable import MessagesService

/// Single decisions of the planner, step by step.
@Suite("The planner's steps")
struct LanePlannerTests {
    typealias Planner = PlannerWithBatch

    let one = UserID(high: 0, low: 1)
    let other = UserID(high: 0, low: 2)
    var conversation: ConversationID { .direct(one, other) }

    private func delivery(
        _ handle: Int, _ command: LaneCommand, redelivered: Bool = false, count: Int = 0, shard: Int = 0
    ) -> LaneDelivery<Int> {
        LaneDelivery(handle: handle, shard: shard, command: command, redelivered: redelivered, deliveryCount: count)
    }

    private func send(_ id: UInt64, _ text: String = "hello", by user: UserID? = nil) -> LaneCommand {
        .send(
            SendMessage(
                conversation: conversation, sender: user ?? one, clientMessageId: .init(high: 0, low: id), text: text))
    }

    private func loaded(head: Int64 = 0) -> LoadedConversation {
        var state = ConversationState(
            new: conversation, members: [one, other], createdAt: Timestamp(milliseconds: 0))
        state.head = head
        state.storedHead = head
        state.count = head
        state.members[0].sent = head
        if head == 0 { for place in state.members.indices { state.members[place].openedAt = state.createdAt } }
        return LoadedConversation(document: state, last: nil, tail: [])
    }

    private func begin(_ planner: inout Planner, _ deliveries: [LaneDelivery<Int>]) -> LaneDecision<Int>? {
        planner.observe(.subscribed, shard: 0)
        planner.observe(.deliveries(deliveries), shard: 0)
        return planner.begin(now: Timestamp(milliseconds: 5))
    }

    @Test func `A batch is loaded, stored, summarised, told and acknowledged, in this order`() throws {
        var planner = Planner(shards: [0])
        let first = try #require(begin(&planner, [delivery(1, send(1)), delivery(2, send(2))]))
        guard case .step(.load(let load)) = first else { throw Unexpected(first) }
        #expect(load.memberships == [Membership(conversation: conversation, user: one)])
        #expect(load.messages.count == 2)
        #expect(load.entries.isEmpty, "a plain send needs no other message")
        let second = planner.advance(.loaded(.init(conversations: [loaded(head: 7)])))
        guard case .step(.write(let changes)) = second else { throw Unexpected(second) }
        let messages = changes.map(\.message)
        #expect(messages.map(\.seq) == [8, 9])
        #expect(messages.map(\.rev) == [8, 9])
        let third = planner.advance(.written(.init(stored: 2)))
        guard case .step(.update(let updates)) = third else { throw Unexpected(third) }
        #expect(updates.map(\.state.head) == [9])
        #expect(updates.map(\.state.storedHead) == [7])
        let fourth = planner.advance(.updated(matched: 1))
        guard case .step(.publish(let publication)) = fourth else { throw Unexpected(fourth) }
        #expect(publication.replies.map(\.response) == messages.map(LaneResponse.message))
        #expect(publication.events.map(\.event) == messages.map(LaneEvent.messageSent))
        #expect(publication.events.allSatisfy { $0.recipients == [one, other] })
        let fifth = planner.advance(.published(confirmed: true))
        guard case .finish(let completion) = fifth else { throw Unexpected(fifth) }
        #expect(completion.acknowledged == [2])
        #expect(completion.unnotified.isEmpty)
    }

    @Test func `The next batch of a known conversation is stored without reading first`() throws {
        var planner = Planner(shards: [0])
        try finish(&planner, begin(&planner, [delivery(1, send(1))]))
        let step = try #require(begin2(&planner, [delivery(2, send(2))]))
        guard case .step(.write(let changes)) = step else { throw Unexpected(step) }
        let messages = changes.map(\.message)
        #expect(messages.map(\.seq) == [2])
    }

    @Test func `A redelivered command of a known conversation is looked up first`() throws {
        var planner = Planner(shards: [0])
        try finish(&planner, begin(&planner, [delivery(1, send(1))]))
        let step = try #require(begin2(&planner, [delivery(2, send(2), redelivered: true)]))
        guard case .step(.load(let load)) = step else { throw Unexpected(step) }
        #expect(load.conversations.isEmpty)
        #expect(load.messages.count == 1)
    }

    @Test func `The same client message id twice in one batch is stored once and answered twice`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1)), delivery(2, send(1)), delivery(3, send(1, "other"))])
        let step = planner.advance(.loaded(.init(conversations: [loaded()])))
        guard case .step(.write(let changes)) = step else { throw Unexpected(step) }
        let messages = changes.map(\.message)
        #expect(messages.count == 1)
        _ = planner.advance(.written(.init(stored: 1)))
        let told = planner.advance(.updated(matched: 1))
        guard case .step(.publish(let publication)) = told else { throw Unexpected(told) }
        #expect(publication.events.count == 1)
        #expect(publication.replies[0].response == publication.replies[1].response)
        guard case .fault(let fault) = publication.replies[2].response else { throw Unexpected(told) }
        #expect(fault.code == .clientMessageIDReused)
    }

    @Test func `A taken number has the conversation read again and the rest planned anew`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1)), delivery(2, send(2))])
        _ = planner.advance(.loaded(.init(conversations: [loaded()])))
        let again = planner.advance(.written(.init(stored: 1, conflict: .number)))
        guard case .step(.load(let load)) = again else { throw Unexpected(again) }
        #expect(load.memberships == [Membership(conversation: conversation, user: one)])
        #expect(load.messages.map(\.clientMessageID.low) == [2])
        let step = planner.advance(.loaded(.init(conversations: [loaded(head: 4)])))
        guard case .step(.write(let changes)) = step else { throw Unexpected(step) }
        let messages = changes.map(\.message)
        #expect(messages.map(\.seq) == [5])
    }

    @Test
    func
        `A command that fails for a reason of its own is tried ten times, and then dead-lettered and not acknowledged`()
        throws
    {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1), redelivered: true, count: 9), delivery(2, send(2))])
        let early = planner.advance(.failed(.lasting("unreadable")))
        guard case .abandon([0], .lasting("unreadable")) = early else { throw Unexpected(early) }

        _ = begin(&planner, [delivery(3, send(1), redelivered: true, count: 10), delivery(4, send(2))])
        let step = planner.advance(.failed(.lasting("unreadable")))
        guard case .step(.deadLetterPoison(let rejection)) = step else { throw Unexpected(step) }
        #expect(rejection.handle == 3)
        #expect(rejection.reason == "It failed 11 times. unreadable")
        let end = planner.advance(.deadLettered)
        guard case .finish(let completion) = end else { throw Unexpected(end) }
        #expect(completion.acknowledged.isEmpty)
        // What came behind it is still there, and need not come again.
        #expect(planner.waiting == 1)
    }

    @Test
    func `A command that fails by itself is dead-lettered sooner if one behind it was returned ten times already`()
        throws
    {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1), redelivered: true, count: 2), delivery(2, send(2), count: 9)])
        let early = planner.advance(.failed(.lasting("unreadable")))
        guard case .abandon = early else { throw Unexpected(early) }

        _ = begin(&planner, [delivery(3, send(1), redelivered: true, count: 2), delivery(4, send(2), count: 10)])
        let step = planner.advance(.failed(.lasting("unreadable")))
        guard case .step(.deadLetterPoison(let rejection)) = step else { throw Unexpected(step) }
        #expect(rejection.handle == 3)
    }

    @Test func `A command that cannot be dead-lettered comes again`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1), redelivered: true, count: 12)])
        _ = planner.advance(.failed(.lasting("unreadable")))
        let step = planner.advance(.failed(.passing))
        guard case .abandon([0], .passing) = step else { throw Unexpected(step) }
    }

    @Test func `A command that fails because the database is away is never dead-lettered, however often`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1), redelivered: true, count: 19)])
        let step = planner.advance(.failed(.passing))
        guard case .abandon([0], .passing) = step else { throw Unexpected(step) }
    }

    @Test
    func `An unknown outcome is neither answered nor acknowledged, and what came before the new subscription is void`()
        throws
    {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1))])
        planner.observe(.deliveries([delivery(2, send(2))]), shard: 0)
        _ = planner.advance(.loaded(.init(conversations: [loaded()])))
        let step = planner.advance(.failed(.passing))
        guard case .abandon(let shards, _) = step else { throw Unexpected(step) }
        #expect(shards == [0])
        planner.observe(.deliveries([delivery(3, send(3))]), shard: 0)
        #expect(planner.waiting == 0)
        planner.observe(.lost, shard: 0)
        #expect(planner.begin(now: Timestamp(milliseconds: 6)) == nil)
        planner.observe(.subscribed, shard: 0)
        planner.observe(.deliveries([delivery(4, send(1), redelivered: true, count: 1)]), shard: 0)
        #expect(planner.waiting == 1)
    }

    @Test func `A batch whose subscription was lost is answered but not acknowledged`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1))])
        _ = planner.advance(.loaded(.init(conversations: [loaded()])))
        planner.observe(.lost, shard: 0)
        _ = planner.advance(.written(.init(stored: 1)))
        let told = planner.advance(.updated(matched: 1))
        guard case .step(.publish(let publication)) = told else { throw Unexpected(told) }
        #expect(publication.replies.count == 1)
        let end = planner.advance(.published(confirmed: true))
        guard case .finish(let completion) = end else { throw Unexpected(end) }
        #expect(completion.acknowledged.isEmpty)
        // The next batch starts from what is stored, not from memory.
        let step = try #require(begin2(&planner, [delivery(2, send(2))]))
        guard case .step(.load) = step else { throw Unexpected(step) }
    }

    @Test func `A malformed command is dead-lettered, and its neighbours are acknowledged`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1)), delivery(2, .malformed(reason: "why"))])
        _ = planner.advance(.loaded(.init(conversations: [loaded()])))
        _ = planner.advance(.written(.init(stored: 1)))
        _ = planner.advance(.updated(matched: 1))
        let step = planner.advance(.published(confirmed: true))
        guard case .step(.deadLetter(let rejections)) = step else { throw Unexpected(step) }
        #expect(rejections.map(\.handle) == [2])
        #expect(rejections.map(\.reason) == ["why"])
        let end = planner.advance(.deadLettered)
        guard case .finish(let completion) = end else { throw Unexpected(end) }
        #expect(completion.acknowledged == [1])
    }

    @Test func `A command that was returned twice is a batch by itself`() throws {
        var planner = Planner(shards: [0])
        let deliveries = [
            delivery(1, send(1)), delivery(2, send(2), redelivered: true, count: 2), delivery(3, send(3)),
        ]
        try finish(&planner, begin(&planner, deliveries))
        #expect(planner.waiting == 2)
        try finish(&planner, planner.begin(now: Timestamp(milliseconds: 6)))
        #expect(planner.waiting == 1)
    }

    @Test func `Events that are not confirmed are acknowledged and owed as a resync`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1))])
        _ = planner.advance(.loaded(.init(conversations: [loaded()])))
        _ = planner.advance(.written(.init(stored: 1)))
        _ = planner.advance(.updated(matched: 1))
        let end = planner.advance(.published(confirmed: false))
        guard case .finish(let completion) = end else { throw Unexpected(end) }
        #expect(completion.acknowledged == [1])
        #expect(completion.unnotified == [one, other])
    }

    @Test func `Strangers and unknown conversations are refused alike`() throws {
        var planner = Planner(shards: [0])
        _ = begin(&planner, [delivery(1, send(1, by: UserID(high: 3, low: 3)))])
        let stranger = planner.advance(.loaded(.init(conversations: [loaded()])))
        var unknown = Planner(shards: [0])
        _ = begin(&unknown, [delivery(1, send(1))])
        let missing = unknown.advance(.loaded(.init()))
        guard case .step(.publish(let refused)) = stranger, case .step(.publish(let absent)) = missing else {
            throw Unexpected(stranger)
        }
        #expect(refused.replies.map(\.response) == absent.replies.map(\.response))
        #expect(refused.events.isEmpty)
        guard case .fault(let fault) = refused.replies[0].response else { throw Unexpected(stranger) }
        #expect(fault.code == .notFound)
    }

    @Test(arguments: [
        "", " \n\t ", String(repeating: "x", count: 4_001), String(repeating: "漢", count: 5_462),
    ])
    func `Texts that nobody may send are refused`(text: String) throws {
        var planner = Planner(shards: [0])
        let step = try #require(begin(&planner, [delivery(1, send(1, text))]))
        guard case .step(.publish(let publication)) = step, case .fault(let fault) = publication.replies[0].response
        else {
            throw Unexpected(step)
        }
        #expect(fault.code == .invalid)
        #expect(fault.field == "text")
    }

    @Test(arguments: ["x", "é", "漢"])
    func `Texts of exactly the greatest length are taken`(character: String) {
        let text = String(repeating: character, count: 4_000)
        #expect(send(1, text).refusal == nil)
    }

    // MARK: Small steps

    private struct Unexpected: Error {
        var step: String
        init(_ decision: LaneDecision<Int>?) { step = decision.map { "\($0)" } ?? "nothing" }
    }

    private func begin2(_ planner: inout Planner, _ deliveries: [LaneDelivery<Int>]) -> LaneDecision<Int>? {
        planner.observe(.deliveries(deliveries), shard: 0)
        return planner.begin(now: Timestamp(milliseconds: 6))
    }

    /// Does everything that is asked for, on an empty conversation.
    private func finish(_ planner: inout Planner, _ first: LaneDecision<Int>?) throws {
        var decision = try #require(first)
        while true {
            switch decision {
            case .step(.load): decision = planner.advance(.loaded(.init(conversations: [loaded()])))
            case .step(.write(let changes)): decision = planner.advance(.written(.init(stored: changes.count)))
            case .step(.update(let updates)): decision = planner.advance(.updated(matched: updates.count))
            case .step(.publish): decision = planner.advance(.published(confirmed: true))
            case .finish: return
            case .step, .abandon: throw Unexpected(decision)
            }
        }
    }
}
