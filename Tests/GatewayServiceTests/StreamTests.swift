import ChatContracts
import NIOCore
import Testing

@testable import GatewayService

extension StreamBuffer.Take {
    var text: String? {
        if case .frames(let frames) = self { frames.map { String(buffer: $0) }.joined() } else { nil }
    }
    var isWait: Bool { if case .wait = self { true } else { false } }
    var isEnd: Bool { if case .end = self { true } else { false } }
}

@Suite struct StreamBufferTests {
    private func frame(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func `frames leave in the order in which they came`() {
        var buffer = StreamBuffer()
        #expect(buffer.take().isWait)
        #expect(buffer.offer(frame("a")) == .queued)
        #expect(buffer.offer(frame("b")) == .queued)
        #expect(buffer.take().text == "ab")
        #expect(buffer.take().isWait)
    }

    @Test func `too many frames are replaced by one resync`() {
        var buffer = StreamBuffer(limits: .init(frames: 3, bytes: 1_000))
        for _ in 0..<3 { #expect(buffer.offer(frame("x")) == .queued) }
        #expect(buffer.offer(frame("x")) == .overflowed(dropped: 4))
        #expect(buffer.offer(frame("y")) == .covered)
        #expect(buffer.take().text == String(buffer: ServerSentEvent.resync))
        #expect(buffer.take().isWait)
        #expect(buffer.offer(frame("z")) == .queued)
        #expect(buffer.take().text == "z")
    }

    @Test func `too many bytes are replaced by one resync`() {
        var buffer = StreamBuffer(limits: .init(frames: 100, bytes: 10))
        #expect(buffer.offer(frame("12345")) == .queued)
        #expect(buffer.offer(frame("123456")) == .overflowed(dropped: 2))
        #expect(buffer.take().text == String(buffer: ServerSentEvent.resync))
    }

    @Test func `ending writes what waits and then refuses`() {
        var buffer = StreamBuffer()
        _ = buffer.offer(frame("a"))
        buffer.finish(frame("last"))
        #expect(buffer.offer(frame("b")) == .refused)
        #expect(buffer.take().text == "alast")
        #expect(buffer.take().isEnd)
        #expect(buffer.take().isEnd)
    }

    @Test func `aborting drops what waits`() {
        var buffer = StreamBuffer()
        _ = buffer.offer(frame("a"))
        buffer.abort()
        #expect(buffer.take().isEnd)
        #expect(buffer.requireResync() == false)
    }

    @Test func `a resync is asked for once`() {
        var buffer = StreamBuffer()
        _ = buffer.offer(frame("a"))
        #expect(buffer.requireResync() == true)
        #expect(buffer.requireResync() == false)
        #expect(buffer.take().text == String(buffer: ServerSentEvent.resync))
    }

    @Test func `frames are framed as the standard says`() {
        #expect(
            String(buffer: ServerSentEvent.event("message.sent", data: "{\"a\":1}".utf8))
                == "event: message.sent\ndata: {\"a\":1}\n\n")
        #expect(String(buffer: ServerSentEvent.alive) == "event: alive\ndata: {}\n\n")
        #expect(String(buffer: ServerSentEvent.retry(after: .milliseconds(1_500))) == "retry: 1500\n\n")
        #expect(
            String(buffer: ServerSentEvent.release("0a1b")) == "event: version\ndata: {\"assets\":\"0a1b\"}\n\n")
        let id = ConversationID("0123456789abcdef0123456789abcdef")!
        #expect(String(buffer: ServerSentEvent.digest([id: 7])) == "event: digest\ndata: {\"\(id)\":7}\n\n")
    }
}

@Suite struct BucketBindingsTests {
    @Test func `a bucket is bound once and unbound late`() {
        var bindings = BucketBindings()
        let start = ContinuousClock.now
        #expect(bindings.retain(7) == true)
        #expect(bindings.retain(7) == true, "not bound until the broker has agreed")
        bindings.bound(7)
        #expect(bindings.retain(7) == false)
        for _ in 0..<3 { bindings.release(7, now: start) }
        #expect(bindings.expired(after: .seconds(10), now: start + .seconds(9)) == [])
        #expect(bindings.retain(7) == false, "still bound")
        #expect(bindings.expired(after: .seconds(10), now: start + .seconds(60)) == [])
        bindings.release(7, now: start + .seconds(60))
        #expect(bindings.expired(after: .seconds(10), now: start + .seconds(70)) == [7])
        #expect(!bindings.isNeeded(7))
        #expect(bindings.retain(7) == true)
    }
}
