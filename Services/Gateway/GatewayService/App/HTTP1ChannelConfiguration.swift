import HummingbirdCore
import NIOCore

/// The limits of each connection.
struct HTTP1ChannelConfiguration {
    let server: HTTPServerBuilder

    init(_ configuration: GatewayConfiguration) {
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard()],
            idleTimeout: .nanoseconds(configuration.idleTimeout.wholeMilliseconds * 1_000_000),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: RequestLimits.headerBytes, maxHeaderListSize: RequestLimits.headerBytes,
                maxHeaderFieldCount: RequestLimits.headerCount))
        server = HTTPServerBuilder { responder in
            EventLoopBoundChannel(base: HTTP1Channel(responder: responder, configuration: channel))
        }
    }
}
