import Testing

@testable import MessageBus

@Suite struct RefusalsTests {
    private let start = ContinuousClock.now

    /// For each refusal at these times, whether the channel was to blame.
    private func blames(_ times: [Duration]) -> [Bool] {
        var refusals = Refusals()
        return times.map { refusals.noteOne(at: start + $0) }
    }

    @Test func `the channel is to blame when refusals go on for a second, and once in each second`() {
        #expect(
            blames([.zero, .milliseconds(500), .milliseconds(999), .seconds(1), .milliseconds(1_500), .seconds(2)])
                == [false, false, false, true, false, true])
    }

    @Test func `refusals that have nothing to do with each other blame nobody`() {
        #expect(
            blames([.zero, .seconds(60), .milliseconds(60_900), .seconds(61)]) == [false, false, false, true])
    }
}
