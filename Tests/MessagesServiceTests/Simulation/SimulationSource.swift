import TestSupport

/// What a run draws: the same for the same seed, on every machine.
struct SimulationSource: RandomNumberGenerator, Sendable {
    private var source: SeededSource

    init(seed: UInt64) { source = SeededSource(seed: seed &* 0x9e37_79b9_7f4a_7c15) }

    mutating func next() -> UInt64 { source.next() }

    /// A number in `0..<bound`; the tiny bias of the remainder does not matter for bounds this small.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True in `share` of a thousand cases.
    mutating func happens(_ share: Int) -> Bool { below(1_000) < share }
}
