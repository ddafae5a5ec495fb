import Testing

@testable import GatewayService

/// Whose sessions are looked up when, and which streams must end because nobody can tell.
@Suite struct SessionVouchingTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func vouching(slots: Int = 1) -> SessionVouching { SessionVouching(slots: slots, now: start) }

    @Test func `every slot is asked for once in seven seconds, each second its share`() {
        var vouching = vouching(slots: 14)
        var asked: [Int: Int] = [:]
        for second in 1...70 {
            let due = vouching.takeDue(now: at(Double(second)))
            #expect(due.count <= 2)
            for slot in due { asked[slot, default: 0] += 1 }
        }
        #expect(asked.count == 14)
        #expect(asked.values.allSatisfy { $0 == 10 })
    }

    @Test func `who hears of endings needs no look-up`() {
        var vouching = vouching()
        vouching.setHearing(true, now: start)
        vouching.vouch(for: [0], askedAt: at(1))
        let unvouched = vouching.takeUnvouched(now: at(1_000))
        #expect(unvouched.isEmpty)
    }

    @Test func `who hears nothing lives on look-ups`() {
        var vouching = vouching()
        for second in stride(from: 7.0, to: 70, by: 7) {
            vouching.vouch(for: [0], askedAt: at(second))
            let unvouched = vouching.takeUnvouched(now: at(second + 11))
            #expect(unvouched.isEmpty)
        }
    }

    @Test func `who neither hears nor is looked up ends after twelve seconds`() {
        var vouching = vouching()
        vouching.setHearing(true, now: start)
        vouching.vouch(for: [0], askedAt: at(20))
        vouching.setHearing(false, now: at(21))
        let early = vouching.takeUnvouched(now: at(31))
        let due = vouching.takeUnvouched(now: at(32))
        let again = vouching.takeUnvouched(now: at(33))
        #expect(early.isEmpty)
        #expect(due == [0])
        #expect(again.isEmpty)
    }

    @Test func `hearing again does not make up for what was missed, only a later look-up does`() {
        var vouching = vouching(slots: 2)
        vouching.setHearing(false, now: at(1))
        vouching.vouch(for: [0, 1], askedAt: at(8))
        vouching.setHearing(true, now: at(9))
        vouching.vouch(for: [1], askedAt: at(10))
        let unvouched = vouching.takeUnvouched(now: at(100))
        #expect(unvouched == [0])
    }

    @Test func `after a long time without a database the first thing missed ends the streams`() {
        var vouching = vouching()
        vouching.setHearing(true, now: start)
        vouching.vouch(for: [0], askedAt: at(1))
        vouching.setHearing(true, now: at(300))
        let unvouched = vouching.takeUnvouched(now: at(300))
        #expect(unvouched == [0])
    }
}
