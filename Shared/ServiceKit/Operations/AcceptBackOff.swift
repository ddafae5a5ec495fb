import Glibc
public import Logging
public import NIOCore

/// Lets a listener rest when the process or the system has no descriptor or memory left for a new connection. Without it
/// the listener would try again at once and for ever, with a whole core, because the connection goes on waiting.
///
/// Belongs first into the pipeline of the listening channel; see ``add(to:logger:)``.
public final class AcceptBackOff: ChannelDuplexHandler {
    public typealias InboundIn = any Channel
    public typealias InboundOut = any Channel
    public typealias OutboundIn = Never
    public typealias OutboundOut = Never

    static let shortestPause: TimeAmount = .milliseconds(100)
    static let longestPause: TimeAmount = .seconds(1)
    /// Between two log lines.
    static let silence: TimeAmount = .seconds(10)

    private let logger: Logger
    private var pause = AcceptBackOff.shortestPause
    private var isResting = false
    private var rests = 0
    private var loggedAt: NIODeadline?

    init(logger: Logger) { self.logger = logger }

    /// Puts one into the pipeline of a channel that listens.
    public static func add(to listener: any Channel, logger: Logger) async throws {
        try await listener.eventLoop.submit {
            try listener.pipeline.syncOperations.addHandler(AcceptBackOff(logger: logger), position: .first)
        }.get()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pause = Self.shortestPause
        context.fireChannelRead(data)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let code = (error as? IOError)?.errnoCode, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else {
            context.fireErrorCaught(error)
            return
        }
        rest(context, because: error)
    }

    public func read(context: ChannelHandlerContext) {
        // The code that wakes it reads.
        if !isResting { context.read() }
    }

    private func rest(_ context: ChannelHandlerContext, because error: any Error) {
        guard !isResting else { return }
        isResting = true
        rests += 1
        log(error)
        // Withholding reads would not do: the one that failed still counts as wanted.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let me = NIOLoopBound((handler: self, channel: context.channel), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: pause) { me.value.handler.wake(me.value.channel) }
        pause = min(pause * 2, Self.longestPause)
    }

    private func wake(_ channel: any Channel) {
        isResting = false
        // It fails if the channel is closed, and then nothing more is accepted.
        try? channel.syncOptions?.setOption(.autoRead, value: true)
    }

    private func log(_ error: any Error) {
        if let loggedAt, .now() - loggedAt < Self.silence { return }
        loggedAt = .now()
        logger.warning(
            """
            no connection can be accepted: the process has as many files and connections open as it may; raise the limit \
            of open files (ulimit -n, LimitNOFILE) or lower http.maximumConnections
            """,
            metadata: ["error": "\(error)", "limit": "\(DescriptorLimit.current)", "rests": "\(rests)"])
    }
}

@available(*, unavailable)
extension AcceptBackOff: Sendable {}
