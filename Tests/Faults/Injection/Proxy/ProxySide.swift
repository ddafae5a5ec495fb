import NIOCore

/// Hands what one channel of a proxied connection hears to the connection.
final class ProxySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The direction whose bytes come in here; the other one's go out here.
    private let direction: ProxyDirection
    var connection: ProxiedConnection?
    /// Called once, when the channel can be used.
    var whenActive: (any Channel) -> Void = { _ in }

    init(_ direction: ProxyDirection) {
        self.direction = direction
    }

    func channelActive(context: ChannelHandlerContext) {
        whenActive(context.channel)
        whenActive = { _ in }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection?.received(unwrapInboundIn(data), from: direction)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { connection?.receivedEnd(from: direction) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection?.becameWritable(direction.opposite) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection?.wentAway(direction)
        connection = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
