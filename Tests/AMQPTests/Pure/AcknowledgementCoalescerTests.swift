import TestSupport
import Testing

@testable import AMQP

@Suite("The acknowledgement coalescer")
struct AcknowledgementCoalescerTests {
    private func coalescer(delivered: UInt64) -> AcknowledgementCoalescer {
        var coalescer = AcknowledgementCoalescer()
        for tag in 1...delivered { coalescer.delivered(tag) }
        return coalescer
    }

    @Test func `says a run of acknowledgements in one method`() {
        var coalescer = coalescer(delivered: 10)
        for tag in (1...5).reversed() { coalescer.acknowledge(UInt64(tag)) }
        #expect(coalescer.flush() == [.ack(tag: 5, multiple: true)])
        coalescer.acknowledge(6)
        #expect(coalescer.flush() == [.ack(tag: 6, multiple: false)])
        coalescer.acknowledge(through: 10)
        #expect(coalescer.flush() == [.ack(tag: 10, multiple: true)])
        #expect(coalescer.flush().isEmpty)
    }

    @Test func `never covers a gap`() {
        var coalescer = coalescer(delivered: 5)
        coalescer.acknowledge(2)
        coalescer.acknowledge(4)
        #expect(coalescer.flush() == [.ack(tag: 2, multiple: false), .ack(tag: 4, multiple: false)])
        coalescer.acknowledge(1)
        coalescer.acknowledge(3)
        coalescer.acknowledge(5)
        #expect(coalescer.flush() == [.ack(tag: 5, multiple: true)])
    }

    @Test func `does not name a rejected delivery in an acknowledgement`() {
        var coalescer = coalescer(delivered: 3)
        coalescer.reject(3, requeue: true)
        coalescer.acknowledge(through: 3)
        #expect(coalescer.flush() == [.reject(tag: 3, requeue: true), .ack(tag: 2, multiple: true)])
    }

    @Test func `ignores what was settled or never delivered`() {
        var coalescer = coalescer(delivered: 2)
        coalescer.acknowledge(1)
        coalescer.acknowledge(3)
        coalescer.acknowledge(through: 7)
        coalescer.reject(1, requeue: true)
        #expect(coalescer.flush() == [.ack(tag: 1, multiple: false)])
        coalescer.acknowledge(1)
        coalescer.reject(1, requeue: false)
        #expect(!coalescer.hasPending)
    }

    @Test(arguments: 0..<30)
    func `settles every delivery exactly once, as the broker sees it`(seed: UInt64) {
        var generator = SeededSource(seed: seed)
        var coalescer = AcknowledgementCoalescer()
        var delivered: UInt64 = 0
        var outstanding: Set<UInt64> = []
        var wanted: Set<UInt64> = []
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                delivered += 1
                coalescer.delivered(delivered)
                outstanding.insert(delivered)
            case 5, 6:
                let tag = UInt64.random(in: 0...delivered + 1, using: &generator)
                coalescer.acknowledge(tag)
                if outstanding.contains(tag) { wanted.insert(tag) }
            case 7:
                let tag = UInt64.random(in: 0...delivered + 1, using: &generator)
                if !wanted.contains(tag) { coalescer.reject(tag, requeue: true) }
                if outstanding.contains(tag) { wanted.insert(tag) }
            case 8 where Bool.random(using: &generator):
                let tag = UInt64.random(in: 0...delivered, using: &generator)
                coalescer.acknowledge(through: tag)
                wanted.formUnion(outstanding.filter { $0 <= tag })
            default:
                var settled: Set<UInt64> = []
                for settlement in coalescer.flush() {
                    switch settlement {
                    case .ack(let tag, let multiple):
                        // An unknown tag makes the broker close the channel.
                        #expect(outstanding.contains(tag))
                        settled.formUnion(multiple ? outstanding.filter { $0 <= tag } : [tag])
                    case .reject(let tag, _):
                        #expect(outstanding.contains(tag))
                        settled.insert(tag)
                    }
                    outstanding.subtract(settled)
                }
                #expect(settled == wanted)
                wanted = []
            }
        }
    }
}
