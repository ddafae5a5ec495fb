import Testing

@testable import AMQP

@Suite("The frame assembler")
struct FrameAssemblerTests {
    private let deliver = IncomingMethod.deliver(
        .init(consumerTag: "c", deliveryTag: 1, redelivered: false, exchange: "e", routingKey: "k"))

    private func feed(_ assembler: inout FrameAssembler, body: [UInt8]) throws -> FrameAssembler.Assembled? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, body.count), alignment: 1)
        defer { unsafe buffer.deallocate() }
        unsafe buffer.copyBytes(from: body)
        return try unsafe assembler.receive(body: UnsafeRawBufferPointer(rebasing: buffer[..<body.count]))
    }

    @Test func `gives methods without content back at once`() throws {
        var assembler = FrameAssembler()
        #expect(try assembler.receive(.ack(tag: 3, multiple: true)) == .method(.ack(tag: 3, multiple: true)))
    }

    @Test func `completes an empty body with its header`() throws {
        var assembler = FrameAssembler()
        #expect(try assembler.receive(deliver) == nil)
        let properties = AMQPProperties(type: "t")
        #expect(
            try assembler.receive(header: properties, bodySize: 0)
                == .content(deliver, AMQPMessage(properties: properties, body: [])))
    }

    @Test(arguments: [1, 2, 7, 64]) func `puts a body together from fragments of any size`(size: Int) throws {
        var assembler = FrameAssembler()
        let body = (0..<64).map { UInt8($0) }
        for _ in 0..<2 {
            #expect(try assembler.receive(deliver) == nil)
            #expect(try assembler.receive(header: AMQPProperties(), bodySize: 64) == nil)
            var offset = 0
            while offset < body.count {
                let end = min(offset + size, body.count)
                let assembled = try feed(&assembler, body: Array(body[offset..<end]))
                if end < body.count {
                    #expect(assembled == nil)
                } else {
                    #expect(assembled == .content(deliver, AMQPMessage(body: body)))
                }
                offset = end
            }
        }
    }

    @Test func `refuses frames out of turn`() throws {
        var assembler = FrameAssembler()
        #expect(throws: ProtocolViolation.self) { try assembler.receive(header: AMQPProperties(), bodySize: 1) }
        #expect(throws: ProtocolViolation.self) { try feed(&assembler, body: [1]) }
        _ = try assembler.receive(deliver)
        #expect(throws: ProtocolViolation.self) { try assembler.receive(.ack(tag: 1, multiple: false)) }
    }

    @Test func `refuses a body longer than its header said, and one over the limit`() throws {
        var assembler = FrameAssembler(maximumBodySize: 10)
        _ = try assembler.receive(deliver)
        _ = try assembler.receive(header: AMQPProperties(), bodySize: 2)
        #expect(throws: ProtocolViolation.self) { try feed(&assembler, body: [1, 2, 3]) }
        _ = try assembler.receive(deliver)
        #expect(throws: ProtocolViolation.self) { try assembler.receive(header: AMQPProperties(), bodySize: 11) }
    }

    @Test func `lets a channel close interrupt a content`() throws {
        var assembler = FrameAssembler()
        let close = IncomingMethod.channelClose(CloseReason(code: 404, text: "gone"))
        _ = try assembler.receive(deliver)
        #expect(try assembler.receive(close) == .method(close))
        #expect(try assembler.receive(.qosOK) == .method(.qosOK))
    }
}
