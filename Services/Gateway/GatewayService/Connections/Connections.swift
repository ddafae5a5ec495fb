import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How connections are set up: the web server accepts them, and each has a ``ConnectionHandler``.
struct Connections: ServerChildChannel {
    /// A connection that is being served.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let handler: NIOLoopBound<ConnectionHandler>
        let ended: EventLoopFuture<Void>
    }

    private let shared: ConnectionHandler.Shared
    private let executors: EventLoopExecutors

    init(responder: any ConnectionResponder, configuration: GatewayConfiguration, executors: EventLoopExecutors) {
        shared = ConnectionHandler.Shared(
            responder: responder, budget: BodyBudget(bytes: RequestLimits.collectedBytes),
            hosts: HostRule(origins: configuration.publicOrigins),
            idleTimeout: .milliseconds(configuration.idleTimeout.wholeMilliseconds),
            requestTimeout: .milliseconds(configuration.requestTimeout.wholeMilliseconds))
        self.executors = executors
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let ended = channel.eventLoop.makePromise(of: Void.self)
            let handler = ConnectionHandler(shared, executor: executors[channel.eventLoop], ended: ended)
            do {
                try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiving)
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(HTTPResponseEncoder())
                try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: .gateway)))
                try pipeline.addHandler(handler)
            } catch {
                ended.succeed()
                throw error
            }
            return Value(
                channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
                ended: ended.futureResult)
        }
    }

    /// A connection keeps the buffer that it read last, so it begins with one that fits the request for a live stream.
    private static let receiving = AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 1_024, maximum: 65_536)

    /// Returns when the connection is closed and its last request has ended, or when it has become a live stream.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.ended.get()
        } onCancel: {
            value.channel.eventLoop.execute { value.handler.value.cancel() }
        }
    }
}

extension NIOHTTPDecoderLimitConfiguration {
    fileprivate static var gateway: Self {
        var limits = Self()
        limits.maxHeaderFieldSize = RequestLimits.headerBytes
        limits.maxHeaderListSize = RequestLimits.headerBytes
        limits.maxHeaderFieldCount = RequestLimits.headerCount
        return limits
    }
}
