import NIOCore

/// What came back for a request.
struct Response: Sendable {
    var status: Int
    /// The message in the answer, if it is one.
    var message: MessageFields?
    var bodyLength: Int
    /// The body, if it was asked for or the status tells of a failure.
    var body: [UInt8]
}

/// The reading side of a connection for requests, one at a time.
final class ResponseHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Reading: Sendable {
        /// Only how long the body is.
        case length
        /// The first message in the body.
        case message
        case body
    }

    private let reading: Reading
    private let onAnswer: @Sendable (Response) -> Void
    private let onEnd: @Sendable (String) -> Void
    private var parser = ResponseParser()
    private var answer = Response(status: 0, message: nil, bodyLength: 0, body: [])
    private var failure: String?

    init(
        _ reading: Reading, onAnswer: @escaping @Sendable (Response) -> Void,
        onEnd: @escaping @Sendable (String) -> Void
    ) {
        self.reading = reading
        self.onAnswer = onAnswer
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe try read(Span(_unsafeBytes: bytes), context)
            }
        } catch {
            fail("\(error)", context)
        }
    }

    private func read(_ bytes: Span<UInt8>, _ context: ChannelHandlerContext) throws(WireError) {
        var position = 0
        while let piece = try parser.next(in: bytes, at: &position) {
            switch piece {
            case .head(let head): answer = Response(status: head.status, message: nil, bodyLength: 0, body: [])
            case .body(let range): take(bytes.extracting(range))
            case .end:
                if reading == .message, answer.message == nil, answer.status == 200, !answer.body.isEmpty {
                    answer.message = MessageFields(answer.body.span)
                }
                onAnswer(answer)
            }
        }
    }

    private func take(_ bytes: Span<UInt8>) {
        answer.bodyLength += bytes.count
        if reading == .message, answer.message != nil { return }
        if reading == .message, answer.status == 200, answer.body.isEmpty, let message = MessageFields(bytes) {
            answer.message = message
        } else if reading == .body || answer.status >= 300 || reading == .message {
            for index in 0..<bytes.count { answer.body.append(bytes[index]) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { onEnd(failure ?? "the gateway closed the connection") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail("\(error)", context) }

    private func fail(_ reason: String, _ context: ChannelHandlerContext) {
        failure = failure ?? reason
        context.close(promise: nil)
    }
}

/// The reading side of a live stream.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let onEvent: @Sendable (StreamEvent) -> Void
    private let onEnd: @Sendable (String) -> Void
    private var parser = ResponseParser()
    private var splitter = EventSplitter()
    private var failure: String?

    init(onEvent: @escaping @Sendable (StreamEvent) -> Void, onEnd: @escaping @Sendable (String) -> Void) {
        self.onEvent = onEvent
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe try read(Span(_unsafeBytes: bytes))
            }
        } catch {
            fail("\(error)", context)
        }
    }

    private func read(_ bytes: Span<UInt8>) throws(WireError) {
        var position = 0
        while let piece = try parser.next(in: bytes, at: &position) {
            switch piece {
            case .head(let head):
                guard head.status == 200 else { throw WireError("the stream was refused with \(head.status)") }
            case .body(let range): try splitter.feed(bytes.extracting(range)) { onEvent(StreamEvent($0)) }
            case .end: throw WireError("the stream ended")
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { onEnd(failure ?? "the gateway closed the stream") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail("\(error)", context) }

    private func fail(_ reason: String, _ context: ChannelHandlerContext) {
        failure = failure ?? reason
        context.close(promise: nil)
    }
}
