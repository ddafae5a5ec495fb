import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection for what the layers above cannot see: a body that comes too slowly or never ends, and a client
/// that has gone while an answer without an end, such as a live stream, is being written. And writes what comes for such
/// a stream: an event that has to pass a task for each of ten thousand streams would cost more than to write it.
///
/// It uses no timer: parts that arrive are measured against the arrival of their head, and a connection on which nothing
/// arrives is closed by the server's idle timeout.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var headArrived: NIODeadline = .distantPast
    private var bodyBytes = 0
    private var isAnswerEndless = false
    private var context: ChannelHandlerContext?
    /// The live stream that is the body of the current answer.
    var stream: LiveStream?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Writes what waits for the stream, as far as the client takes it.
    func writeStream() {
        guard let context, let stream else { return }
        var hasWritten = false
        while context.channel.isWritable, let frames = stream.takeFrames() {
            for frame in frames { context.write(wrapOutboundOut(.body(frame)), promise: nil) }
            hasWritten = true
        }
        if hasWritten { context.flush() }
        stream.noteProgress(context.channel.isWritable)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writeStream() }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            headArrived = .now()
            bodyBytes = 0
        case .body(let part):
            bodyBytes += part.readableBytes
            let isLate = NIODeadline.now() - headArrived > .seconds(Int64(RequestLimits.bodySeconds))
            if isLate || bodyBytes > RequestLimits.discardedBodyBytes {
                context.close(promise: nil)
                return
            }
        case .end: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): isAnswerEndless = head.headerFields[.contentType] == "text/event-stream"
        case .body: break
        case .end: isAnswerEndless = false
        }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isAnswerEndless, case ChannelEvent.inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
