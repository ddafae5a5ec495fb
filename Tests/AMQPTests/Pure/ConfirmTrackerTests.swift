import TestSupport
import Testing

@testable import AMQP

@Suite("The confirm tracker")
struct ConfirmTrackerTests {
    private typealias Tracker = ConfirmTracker<Int>
    private let start = ContinuousClock.now

    private func tracker(_ count: Int) -> Tracker {
        var tracker = Tracker()
        for token in 1...count { tracker.record(token, at: start + .seconds(token)) }
        return tracker
    }

    @Test func `resolves single confirms in any order`() throws {
        var tracker = tracker(3)
        #expect(try tracker.acknowledge(tag: 2, multiple: false).map(\.0) == [2])
        #expect(try tracker.acknowledge(tag: 3, multiple: false).map(\.0) == [3])
        #expect(tracker.oldest == start + .seconds(1))
        #expect(try tracker.acknowledge(tag: 1, multiple: false).map(\.0) == [1])
        #expect(tracker.unresolved == 0)
        #expect(tracker.oldest == nil)
        #expect(tracker.nextTag == 4)
    }

    @Test func `resolves everything up to the tag when the confirm is for many`() throws {
        var tracker = tracker(5)
        _ = try tracker.acknowledge(tag: 2, multiple: false)
        #expect(try tracker.acknowledge(tag: 4, multiple: true).map(\.0) == [1, 3, 4])
        #expect(try tracker.acknowledge(tag: 0, multiple: true).map(\.0) == [5])
    }

    @Test func `tells refusals from confirms`() throws {
        var tracker = tracker(3)
        #expect(try tracker.refuse(tag: 2, multiple: true).map(\.1) == [.refused, .refused])
        #expect(try tracker.acknowledge(tag: 3, multiple: false).map(\.1) == [.confirmed])
    }

    @Test func `lets a return before the confirm decide the outcome`() throws {
        var tracker = tracker(3)
        tracker.markReturned(tag: 2, code: 312, text: "NO_ROUTE")
        let outcomes = try tracker.acknowledge(tag: 3, multiple: true).map(\.1)
        #expect(outcomes == [.confirmed, .returned(code: 312, text: "NO_ROUTE"), .confirmed])
    }

    @Test func `passes repeated confirms over and refuses confirms of what was never written`() throws {
        var tracker = tracker(2)
        _ = try tracker.acknowledge(tag: 2, multiple: true)
        #expect(try tracker.acknowledge(tag: 1, multiple: false).isEmpty)
        #expect(throws: ProtocolViolation.self) { try tracker.acknowledge(tag: 3, multiple: false) }
    }

    @Test func `knows the latest that was answered, whatever came in between`() throws {
        var tracker = tracker(4)
        #expect(tracker.latestAnswered == nil)
        _ = try tracker.refuse(tag: 3, multiple: false)
        _ = try tracker.acknowledge(tag: 1, multiple: false)
        #expect(tracker.latestAnswered == start + .seconds(3))
        _ = try tracker.acknowledge(tag: 0, multiple: true)
        #expect(tracker.latestAnswered == start + .seconds(4))
        _ = tracker.abandon()
        #expect(tracker.latestAnswered == nil)
    }

    @Test func `gives up only what is older, and ignores its late confirm`() throws {
        var tracker = tracker(3)
        #expect(tracker.expire(writtenBefore: start + .seconds(3)) == [1, 2])
        #expect(tracker.oldest == start + .seconds(3))
        #expect(tracker.unresolved == 1 && tracker.unanswered == 3)
        #expect(tracker.oldestUnanswered == start + .seconds(1))
        #expect(try tracker.acknowledge(tag: 2, multiple: true).isEmpty)
        #expect(tracker.unresolved == 1 && tracker.unanswered == 1)
        #expect(tracker.latestAnswered == start + .seconds(2))
        #expect(try tracker.acknowledge(tag: 3, multiple: false).map(\.0) == [3])
    }

    @Test func `what was given up counts as unanswered until the broker answers it, whatever comes later`() throws {
        var tracker = tracker(4)
        #expect(try tracker.acknowledge(tag: 2, multiple: false).map(\.0) == [2])
        #expect(tracker.expire(writtenBefore: start + .seconds(4)) == [1, 3])
        #expect(try tracker.acknowledge(tag: 4, multiple: false).map(\.0) == [4])
        #expect(tracker.unresolved == 0 && tracker.unanswered == 2)
        #expect(tracker.oldest == nil && tracker.oldestUnanswered == start + .seconds(1))
        tracker.record(5, at: start + .seconds(5))
        #expect(try tracker.refuse(tag: 1, multiple: false).isEmpty)
        #expect(tracker.unanswered == 2 && tracker.oldestUnanswered == start + .seconds(3))
        #expect(try tracker.acknowledge(tag: 0, multiple: true).map(\.0) == [5])
        #expect(tracker.unanswered == 0 && tracker.oldestUnanswered == nil)
    }

    @Test func `hands everything back when the channel is gone, and counts anew`() {
        var tracker = tracker(3)
        tracker.markReturned(tag: 1, code: 312, text: "x")
        let abandoned = tracker.abandon()
        #expect(abandoned.map(\.0) == [1, 2, 3])
        #expect(abandoned.map { $0.1 != nil } == [true, false, false])
        #expect(tracker.nextTag == 1)
    }

    @Test(arguments: 0..<20)
    func `resolves every publication exactly once, whatever the order`(seed: UInt64) throws {
        var generator = SeededSource(seed: seed)
        var tracker = Tracker()
        var open: Set<Int> = []
        var resolved: Set<Int> = []
        var next = 1
        for _ in 0..<3000 {
            if Bool.random(using: &generator) {
                tracker.record(next, at: start)
                open.insert(next)
                next += 1
            } else if next > 1 {
                let tag = Int.random(in: 1..<next, using: &generator)
                let multiple = Int.random(in: 0..<8, using: &generator) == 0
                let expected = multiple ? open.filter { $0 <= tag } : open.filter { $0 == tag }
                let tokens =
                    try Bool.random(using: &generator)
                    ? tracker.acknowledge(tag: UInt64(tag), multiple: multiple).map(\.0)
                    : tracker.refuse(tag: UInt64(tag), multiple: multiple).map(\.0)
                #expect(Set(tokens) == expected && tokens.count == expected.count)
                #expect(resolved.isDisjoint(with: tokens))
                resolved.formUnion(tokens)
                open.subtract(tokens)
                #expect(tracker.unresolved == open.count)
            }
        }
        #expect(Set(tracker.abandon().map(\.0)) == open)
    }
}
