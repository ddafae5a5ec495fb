import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection for what the layers above cannot see: a body that comes too slowly or never ends, and a client
/// that has gone while an answer without an end, such as a live stream, is being written.
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
