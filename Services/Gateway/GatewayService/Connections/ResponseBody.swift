import HTTPTypes
import Hummingbird
import NIOCore

/// Collects a body whose length is known, so that it leaves together with its head.
final class CollectedBody: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        if bytes.readableBytes == 0 {
            bytes = buffer
        } else {
            bytes.writeImmutableBuffer(buffer)
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Writes a body whose length nobody knows, part by part as the client takes them.
struct GrowingBody: ResponseBodyWriter {
    let handler: NIOLoopBound<ConnectionHandler>
    let eventLoop: any EventLoop

    func write(_ buffer: ByteBuffer) async throws {
        try await eventLoop.flatSubmit { [handler] in handler.value.write(part: buffer) }.get()
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
