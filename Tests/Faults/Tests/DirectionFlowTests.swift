import NIOCore
import Testing

@testable import FaultInjection

@Suite("One direction of a spoiled connection")
struct DirectionFlowTests {
    private var random = SystemRandomNumberGenerator()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test
    mutating func `Without toxics everything goes on at once and in order`() {
        var flow = DirectionFlow(.none, using: &random)
        flow.receive(bytes("one"), at: start, using: &random)
        flow.receive(bytes("two"), at: start, using: &random)
        flow.receiveEnd(at: start, using: &random)
        #expect(flow.next(at: start) == .deliver(bytes("one"), delayed: false))
        #expect(flow.next(at: start) == .deliver(bytes("two"), delayed: false))
        #expect(flow.next(at: start) == .end)
        #expect(flow.next(at: start) == .idle)
    }

    @Test
    mutating func `Latency holds a piece back, and jitter never lets it overtake another`() {
        var flow = DirectionFlow(Toxics(latency: .milliseconds(100), jitter: .milliseconds(50)), using: &random)
        for number in 0..<20 { flow.receive(bytes("\(number)"), at: start, using: &random) }
        guard case .wait(let due) = flow.next(at: start) else {
            Issue.record("nothing was held back")
            return
        }
        #expect(due >= start + .milliseconds(100) && due <= start + .milliseconds(150))
        for number in 0..<20 {
            #expect(flow.next(at: start + .milliseconds(150)) == .deliver(bytes("\(number)"), delayed: true))
        }
    }

    @Test
    mutating func `A narrow line takes as long as its bytes need`() {
        var flow = DirectionFlow(Toxics(bytesPerSecond: 1000), using: &random)
        flow.receive(ByteBuffer(repeating: 1, count: 500), at: start, using: &random)
        var passed = 0
        while case .deliver(let piece, _) = flow.next(at: start + .milliseconds(250)) { passed += piece.readableBytes }
        #expect(passed == 250)
        while case .deliver(let piece, _) = flow.next(at: start + .milliseconds(500)) { passed += piece.readableBytes }
        #expect(passed == 500)
    }

    @Test
    mutating func `A reset comes in the middle of a piece, after exactly the bytes that were drawn`() {
        var flow = DirectionFlow(Toxics(ending: .init(.reset, after: 4...4)), using: &random)
        flow.receive(bytes("frames"), at: start, using: &random)
        #expect(flow.next(at: start) == .deliver(bytes("fram"), delayed: false))
        #expect(flow.next(at: start) == .reset(lost: 2))
        #expect(flow.next(at: start) == .idle)
    }

    @Test
    mutating func `A cut-off answer is lost whole`() {
        var flow = DirectionFlow(Toxics(ending: .init(.cut, after: 4...4)), using: &random)
        flow.receive(bytes("yes"), at: start, using: &random)
        flow.receive(bytes("answer"), at: start, using: &random)
        #expect(flow.next(at: start) == .deliver(bytes("yes"), delayed: false))
        #expect(flow.next(at: start) == .cut(lost: 6))
    }

    @Test
    mutating func `A stalled direction goes on when it is allowed to, and nothing is lost`() {
        var flow = DirectionFlow(Toxics(ending: .init(.stall, after: 0...0)), using: &random)
        flow.receive(bytes("late"), at: start, using: &random)
        #expect(flow.next(at: start) == .stalled)
        #expect(flow.next(at: start) == .idle)
        flow.change(to: .none, using: &random)
        #expect(flow.next(at: start) == .deliver(bytes("late"), delayed: false))
    }

    @Test
    mutating func `After a half-close the rest is thrown away`() {
        var flow = DirectionFlow(Toxics(ending: .init(.halfClose, after: 2...2)), using: &random)
        flow.receive(bytes("heard"), at: start, using: &random)
        #expect(flow.next(at: start) == .deliver(bytes("he"), delayed: false))
        #expect(flow.next(at: start) == .halfClose(lost: 3))
        flow.receive(bytes("unheard"), at: start, using: &random)
        #expect(flow.next(at: start) == .discard(7))
        #expect(flow.next(at: start) == .idle)
    }
}
