import ChatContracts
import Testing

@testable import LoadCommand

/// Two people and one conversation, seen by both on their streams.
private struct World {
    static let sender = 0
    static let receiver = 1
    let conversation = ConversationID(high: 5, low: 6)
    var ledger = MessageLedger(run: 77)
    var orders = [StreamOrder(after: 0), StreamOrder(after: 0)]

    mutating func send(at time: Int64 = 0) -> Int { ledger.send(at: time, by: Self.sender) }

    @discardableResult
    mutating func show(_ index: Int, seq: Int64, to person: Int, isFetched: Bool = false, run: UInt64 = 77) -> Int64? {
        let message = MessageFields(
            conversation: conversation, seq: seq, id: ClientMessageID(high: run, low: UInt64(index)))
        let order = orders[person].arrive(seq)
        return ledger.arrive(message, at: person, order: order, isFetched: isFetched)
    }

    /// Sends so many, acknowledges all, and shows them to both but for those that are left out for the receiver.
    mutating func deliver(_ count: Int, receiverSees: [Int64]) {
        let indices = (0..<count).map { _ in send() }
        for index in indices {
            _ = ledger.acknowledge(index, seq: Int64(index) + 1)
            show(index, seq: Int64(index) + 1, to: Self.sender)
        }
        for seq in receiverSees { show(Int(seq) - 1, seq: seq, to: Self.receiver) }
    }

    var violations: MessageLedger.Violations {
        ledger.violations(missing: orders.reduce(0) { $0 + $1.missing })
    }
}

@Suite struct LedgerTests {
    @Test func `A message in a group has to come to everybody, once`() {
        let members = 130
        var ledger = MessageLedger(run: 77, streams: members)
        var orders = (0..<members).map { _ in StreamOrder(after: 0) }
        func show(_ index: Int, to person: Int) -> Int64? {
            let seq = Int64(index) + 1
            let message = MessageFields(
                conversation: ConversationID(high: 5, low: 6), seq: seq,
                id: ClientMessageID(high: 77, low: UInt64(index)))
            return ledger.arrive(message, at: person, order: orders[person].arrive(seq))
        }
        let first = ledger.send(at: 5, by: 7)
        #expect(ledger.acknowledge(first, seq: 1) == 5)
        for person in 0..<members { #expect(show(first, to: person) == (person == 7 ? nil : 5)) }
        #expect(ledger.unsettled == 0 && ledger.delivered == members - 1)
        #expect(ledger.violations(missing: 0).count == 0)
        _ = show(first, to: 129)
        #expect(ledger.violations(missing: 0).doubled == 1)
        let second = ledger.send(at: 6, by: 7)
        _ = ledger.acknowledge(second, seq: 2)
        for person in 0..<members where person != 64 { _ = show(second, to: person) }
        #expect(ledger.unsettled == 1 && ledger.violations(missing: 0).lost == 1)
    }

    @Test func `Messages that come in order are no violation`() {
        var world = World()
        world.deliver(5, receiverSees: [1, 2, 3, 4, 5])
        #expect(world.violations == MessageLedger.Violations())
        #expect(world.ledger.unsettled == 0)
        #expect(world.ledger.delivered == 5)
    }

    @Test func `A message that is left out is lost`() {
        var world = World()
        world.deliver(5, receiverSees: [1, 2, 4, 5])
        #expect(world.violations.lost == 1)
        #expect(world.violations.count == 1)
        #expect(world.ledger.unsettled == 1)
    }

    @Test func `A last message that does not come is lost although no number tells`() {
        var world = World()
        world.deliver(3, receiverSees: [1, 2])
        #expect(world.violations.lost == 1)
    }

    @Test func `A message that is turned around with its neighbour is disordered and not lost`() {
        var world = World()
        world.deliver(4, receiverSees: [1, 3, 2, 4])
        #expect(world.violations.disordered == 1)
        #expect(world.violations.count == 1)
    }

    @Test func `A message that comes twice is doubled`() {
        var world = World()
        world.deliver(3, receiverSees: [1, 2, 2, 3])
        #expect(world.violations.doubled == 1)
        #expect(world.violations.count == 1)
    }

    @Test func `A message that was sent twice may be announced twice`() {
        var world = World()
        let index = world.send()
        world.ledger.sendAgain(index)
        _ = world.ledger.acknowledge(index, seq: 1)
        for person in [World.sender, World.receiver, World.sender, World.receiver] {
            world.show(index, seq: 1, to: person)
        }
        #expect(world.violations.count == 0)
        #expect(world.ledger.ignored == 2)
    }

    @Test func `A message that a sync fetched may come on the stream as well`() {
        var world = World()
        let index = world.send()
        _ = world.ledger.acknowledge(index, seq: 1)
        world.show(index, seq: 1, to: World.sender)
        world.show(index, seq: 1, to: World.receiver, isFetched: true)
        world.show(index, seq: 1, to: World.receiver)
        #expect(world.violations.count == 0)
        #expect(world.ledger.ignored == 1)
    }

    @Test func `A message that was stored twice is doubled even if it was sent twice`() {
        var world = World()
        let index = world.send()
        world.ledger.sendAgain(index)
        _ = world.ledger.acknowledge(index, seq: 1)
        for person in [World.sender, World.receiver] {
            world.show(index, seq: 1, to: person)
            world.show(index, seq: 2, to: person)
        }
        #expect(world.violations.doubled == 2)
    }

    @Test func `Another message under a number that was shown is contradicted`() {
        var world = World()
        let (one, other) = (world.send(), world.send())
        world.show(one, seq: 1, to: World.receiver)
        world.show(other, seq: 1, to: World.receiver)
        #expect(world.violations.contradicted == 1)
    }

    @Test func `A message that nobody here has sent is contradicted`() {
        var world = World()
        world.show(9, seq: 1, to: World.receiver)
        world.show(0, seq: 2, to: World.receiver, run: 78)
        #expect(world.violations.contradicted == 2)
    }

    @Test func `A number that nothing came with is missing`() {
        var world = World()
        let index = world.send()
        _ = world.ledger.acknowledge(index, seq: 2)
        world.show(index, seq: 2, to: World.sender)
        world.show(index, seq: 2, to: World.receiver)
        #expect(world.violations.missing == 2)
        #expect(world.violations.lost == 0)
    }

    @Test func `Latencies count from the moment that was given, once`() {
        var world = World()
        let index = world.send(at: 1000)
        #expect(world.show(index, seq: 1, to: World.sender) == nil)
        #expect(world.show(index, seq: 1, to: World.receiver) == 1000)
        #expect(world.ledger.acknowledge(index, seq: 1) == 1000)
        #expect(world.ledger.acknowledge(index, seq: 1) == nil)
        #expect(world.ledger.acknowledged == 1)
    }

    @Test func `A stream may begin in the middle of a conversation`() {
        var order = StreamOrder(after: 41)
        #expect(order.arrive(42) == .next)
        #expect(order.arrive(45) == .ahead(by: 2))
        #expect(order.missing == 2)
        #expect(order.arrive(44) == .late)
        #expect(order.arrive(44) == .again)
        #expect(order.arrive(42) == .again)
        #expect(order.missing == 1)
    }
}

@Suite struct LatencyTests {
    @Test func `Percentiles are those of what was recorded`() {
        var record = LatencyRecord()
        for milliseconds in 1...1000 { record.record(Int64(milliseconds) * 1_000_000) }
        let summary = record.summary
        #expect(summary.count == 1000)
        // Three digits are kept.
        for (value, expected) in [
            (summary.p50, 500.0), (summary.p90, 900), (summary.p99, 990), (summary.p999, 999), (summary.max, 1000),
        ] {
            #expect(abs(value - expected) <= expected / 500)
        }
    }

    @Test func `Nothing recorded is nothing`() {
        #expect(LatencyRecord().summary == LatencySummary())
    }

    @Test func `A spread is the median with its neighbours`() {
        let spread = Spread([3, 1, 2])
        #expect([spread.lowest, spread.median, spread.highest] == [1, 2, 3])
        #expect(Spread([1, 2, 3, 10]).median == 2.5)
        #expect(Spread([12345.6, 1000, 999_999]).grouped == "**12,346** (1,000–999,999)")
    }
}
