import NIOCore

/// Hands what one channel of a proxied connection hears to the connection.
final class ProxySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The direction whose bytes come in here; the other one's go out here.
    private let direction: ProxyDirection
    private var connection: ProxiedConnection?
    /// What came before there was a connection. A client that says all it has to say and announces its end is heard
    /// at once, also when nobody asked to read.
    private var early: [ByteBuffer] = []
    private var endedEarly = false
    /// Called once, when the channel can be used.
    var whenActive: (any Channel) -> Void = { _ in }

    init(_ direction: ProxyDirection) {
        self.direction = direction
    }

    /// From now on everything goes to the connection, beginning with what has already come.
    func join(_ connection: ProxiedConnection) {
        self.connection = connection
        for bytes in early { connection.received(bytes, from: direction) }
        early.removeAll()
        if endedEarly { connection.receivedEnd(from: direction) }
    }

    func channelActive(context: ChannelHandlerContext) {
        whenActive(context.channel)
        whenActive = { _ in }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let connection { connection.received(bytes, from: direction) } else { early.append(bytes) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            if let connection { connection.receivedEnd(from: direction) } else { endedEarly = true }
        }
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
