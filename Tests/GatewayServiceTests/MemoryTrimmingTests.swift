import Testing

@testable import GatewayService

/// When the memory of a wave of new streams goes back to the system.
@Suite struct MemoryTrimmingTests {
    @Test func `memory is given back once after a wave of new streams, when it is over`() {
        var trimming = MemoryTrimming()
        let opened = [0, 300, 900, 1_500, 1_549, 1_560, 1_560]
        #expect(opened.map { trimming.isDue(opened: $0) } == [false, false, false, false, true, false, false])
    }

    @Test func `streams that come one by one cost a trimming only every few hundred`() {
        var trimming = MemoryTrimming()
        let due = (1...2_000).filter { trimming.isDue(opened: $0) }
        #expect(due == [500, 1_000, 1_500, 2_000])
    }

    @Test func `giving memory back keeps what is in use`() async {
        let kept = (0..<1_000).map { Array(repeating: UInt8(truncatingIfNeeded: $0), count: 900) }
        await MemoryTrimming.trim()
        for (index, bytes) in kept.enumerated() {
            #expect(bytes.allSatisfy { $0 == UInt8(truncatingIfNeeded: index) })
        }
    }
}
