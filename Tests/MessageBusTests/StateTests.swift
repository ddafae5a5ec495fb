import ChatContracts
import TestSupport
import Testing

@testable import MessageBus

@Suite struct PendingRequestsTests {
    private typealias Table = PendingRequests<String, Int>
    private let reply = CallOutcome.reply([1])
    private let overdue = CallOutcome.failed(BusError(.outcomeUnknown, "late"))
    private let late: @Sendable (Bool) -> CallOutcome = { isAccepted in
        var error = BusError(.outcomeUnknown, "late")
        error.isAccepted = isAccepted
        return .failed(error)
    }

    @Test func `a waiting call is resumed by the first outcome only`() throws {
        var table = Table(capacity: 2, firstID: 10)
        let id = try table.begun(deadline: 100)
        #expect(id == 10)
        #expect(table.wait(id, "waiter") == nil)
        #expect(describe(table.end(id, reply)) == "resume waiter")
        #expect(describe(table.end(id, overdue)) == "late")
        #expect(table.count == 0)
    }

    @Test func `an outcome that comes before the wait is kept, and later ones are ignored`() throws {
        var table = Table(capacity: 2, firstID: 0)
        let id = try table.begun(deadline: 100)
        #expect(describe(table.end(id, reply)) == "kept")
        #expect(describe(table.end(id, overdue)) == "late")
        guard case .reply(let line)? = table.wait(id, "waiter") else { throw Unexpected() }
        #expect(line == [1])
        #expect(table.count == 0)
    }

    @Test func `no more calls than the capacity, and room again after one ended`() throws {
        var table = Table(capacity: 2, firstID: 0)
        let first = try table.begun(deadline: 1)
        _ = try table.begun(deadline: 1)
        #expect(table.begin(deadline: 1) == nil)
        _ = table.wait(first, "a")
        _ = table.end(first, reply)
        #expect(table.begin(deadline: 1) != nil)
    }

    @Test func `calls expire in the order of their deadlines and not before`() throws {
        var table = Table(capacity: 10, firstID: 0)
        for deadline in [5, 1, 9, 3, 7] {
            let id = try table.begun(deadline: deadline)
            _ = table.wait(id, "\(deadline)")
        }
        #expect(table.expire(now: 0, late).isEmpty)
        #expect(table.expire(now: 5, late).map(\.waiter) == ["1", "3", "5"])
        #expect(table.count == 2)
        #expect(table.endAll(late).map(\.waiter).sorted() == ["7", "9"])
        #expect(table.expire(now: 100, late).isEmpty)
    }

    @Test func `a call that ends without an answer says whether the broker has its request`() throws {
        var table = Table(capacity: 10, firstID: 0)
        for (name, deadline) in [("accepted", 1), ("not known", 1), ("accepted later", 2)] {
            let id = try table.begun(deadline: deadline)
            if name.hasPrefix("accepted") { table.accept(id) }
            _ = table.wait(id, name)
        }
        #expect(
            table.expire(now: 1, late).map { "\($0.waiter): \($0.isAccepted)" } == [
                "accepted: true", "not known: false",
            ])
        #expect(table.endAll(late).map(\.isAccepted) == [true])
        // Nothing is kept about calls that are over.
        table.accept(0)
        let next = try table.begun(deadline: 3)
        _ = table.wait(next, "next")
        #expect(table.endAll(late).map(\.isAccepted) == [false])
    }

    @Test func `a call that expires before it waits is told when it does`() throws {
        var table = Table(capacity: 1, firstID: 0)
        let id = try table.begun(deadline: 1)
        #expect(table.expire(now: 1, late).isEmpty)
        guard case .failed(let error)? = table.wait(id, "waiter") else { throw Unexpected() }
        #expect(error.outcomeUnknown)
        #expect(table.count == 0)
    }

    @Test func `calls expire in the order of their deadlines, whatever the order of their beginnings`() throws {
        var source = SeededSource(seed: 3)
        for _ in 0..<200 {
            let deadlines = (0..<Int.random(in: 1...50, using: &source)).map { _ in
                Int.random(in: 0...30, using: &source)
            }
            var table = PendingRequests<Int, Int>(capacity: deadlines.count, firstID: 0)
            for deadline in deadlines {
                let id = table.begin(deadline: deadline)
                _ = table.wait(try #require(id), deadline)
            }
            var ended: [Int] = []
            for now in stride(from: 0, through: 30, by: 7) { ended += table.expire(now: now, late).map(\.waiter) }
            #expect(ended == deadlines.filter { $0 <= 28 }.sorted())
            #expect(table.count == deadlines.count { $0 > 28 })
        }
    }

    private func describe(_ result: Table.EndResult) -> String {
        switch result {
        case .resume(let waiter): "resume \(waiter)"
        case .kept: "kept"
        case .late: "late"
        }
    }
}

private struct Unexpected: Error {}

extension PendingRequests {
    fileprivate mutating func begun(deadline: Instant) throws -> UInt64 {
        guard let id = begin(deadline: deadline) else { throw Unexpected() }
        return id
    }
}

/// Seconds as instants.
private struct Second: InstantProtocol {
    var value: Double
    func advanced(by duration: Duration) -> Second { Second(value: value + duration / .seconds(1)) }
    func duration(to other: Second) -> Duration { .seconds(other.value - value) }
    static func < (left: Second, right: Second) -> Bool { left.value < right.value }
}

@Suite struct SerialGapsTests {
    private var gaps = SerialGaps<Second>(grace: .seconds(1), settling: .seconds(2), maximumPublishers: 2)

    private mutating func see(_ serial: UInt64, of key: String = "k", from publisher: String = "p", at: Double) -> Bool
    {
        gaps.observe(publisher: publisher, serials: [(key, serial)], now: Second(value: at))
    }

    private init() { gaps.track("k", now: Second(value: -10)) }

    @Test mutating func `numbers without a gap say nothing, wherever they begin`() {
        for (index, serial) in (100...200).enumerated() {
            let dropped = see(UInt64(serial), at: Double(index))
            #expect(!dropped)
        }
    }

    @Test mutating func `a gap is reported once, after the grace time`() {
        let quiet = [see(1, at: 0), see(3, at: 0.1), see(4, at: 0.9)]
        #expect(quiet == [false, false, false])
        let then = [see(5, at: 1.2), see(6, at: 5)]
        #expect(then == [true, false])
    }

    @Test mutating func `two that swapped places are no gap`() {
        let seen = [see(1, at: 0), see(3, at: 0.1), see(2, at: 0.2), see(4, at: 9), see(5, at: 10)]
        #expect(seen == [false, false, false, false, false])
    }

    @Test mutating func `a large gap is reported at once`() {
        let seen = [see(1, at: 0), see(1_000, at: 0.1), see(1_001, at: 9)]
        #expect(seen == [false, true, false])
    }

    @Test mutating func `repeats are no gap`() {
        let seen = [see(1, at: 0), see(2, at: 0), see(1, at: 0), see(2, at: 0), see(3, at: 9)]
        #expect(!seen.contains(true))
    }

    @Test mutating func `keys that are not bound, or only just, do not count`() {
        var seen = [see(1, of: "other", at: 0), see(900, of: "other", at: 0)]
        gaps.track("new", now: Second(value: 0))
        seen += [see(1, of: "new", at: 1), see(900, of: "new", at: 1.9), see(2_000, of: "new", at: 2.1)]
        #expect(!seen.contains(true))
        let dropped = see(9_000, of: "new", at: 2.2)
        #expect(dropped)
        gaps.untrack("new")
        let after = see(90_000, of: "new", at: 3)
        #expect(!after)
    }

    @Test mutating func `publishers count apart, and forgotten ones begin anew`() {
        var seen = [see(1, from: "a", at: 0), see(500, from: "b", at: 0), see(2, from: "a", at: 1)]
        seen += [see(7, from: "c", at: 2), see(900, from: "b", at: 3)]
        #expect(!seen.contains(true))
    }

    @Test mutating func `a new subscription starts anywhere`() {
        var seen = [see(1, at: 0), see(3, at: 0)]
        gaps.restart(now: Second(value: 1))
        seen += [see(900, at: 3.5), see(901, at: 9)]
        #expect(!seen.contains(true))
    }
}

@Suite struct MalformedBodyTests {
    private func fault(_ json: String) -> Fault? {
        let delivery = CommandDelivery(
            type: SendMessage.typeName, body: Array(json.utf8), correlationID: "", replyTo: nil, context: .background())
        do {
            _ = try delivery.decode(SendMessage.self)
            return nil
        } catch {
            return error
        }
    }

    private let id = String(repeating: "0", count: 32)

    @Test func `the fault names the field and never shows a value`() {
        let complete = #""conversation":"\#(id)","sender":"\#(id)","clientMessageId":"\#(id)""#
        #expect(fault("{\(complete),\"text\":\"secret\"}") == nil)
        for (json, field) in [
            ("{\(complete)}", "text"), ("{\(complete),\"text\":5}", "text"), ("{\(complete),\"text\":null}", "text"),
            (#"{"conversation":"secret","sender":"\#(id)","clientMessageId":"\#(id)","text":""}"#, "conversation"),
            ("secret", nil), ("{\(complete),\"text\":\"secret", nil), ("[]", nil), ("", nil),
        ] {
            let fault = fault(json)
            #expect(fault?.code == .invalid, "\(json)")
            #expect(fault?.field == field, "\(json)")
            #expect(fault?.message.contains("secret") == false, "\(json)")
        }
    }
}

@Suite struct WorkSlotsTests {
    @Test(.timeLimit(.minutes(5))) func `never more at once than there are slots, and idle comes last`() async {
        let slots = WorkSlots(3)
        let running = Peak()
        await withDiscardingTaskGroup { group in
            for _ in 0..<200 {
                await slots.acquire()
                group.addTask {
                    await running.enter()
                    await Task.yield()
                    await running.leave()
                    slots.release()
                }
            }
            await slots.waitUntilIdle()
            let now = await running.now
            #expect(now == 0)
        }
        let peak = await running.peak
        #expect((1...3).contains(peak))
    }

    private actor Peak {
        var now = 0
        var peak = 0
        func enter() {
            now += 1
            peak = max(peak, now)
        }
        func leave() { now -= 1 }
    }
}
