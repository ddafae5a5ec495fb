import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Serves one connection on its event loop: collects requests, has each answered, nearly all by a task of their own, and
/// writes the answers. Between requests, and while the connection is a live stream, no task exists for it: a task keeps the memory
/// of its deepest call, and ten thousand people who only listen should cost little.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case serving
        /// The connection's last answer goes on for hours.
        case streaming(LiveStream)
        /// Everything is written; the client is given the time to read it.
        case closing
    }

    private let idleTimeout: TimeAmount
    private let executor: EventLoopExecutor
    private let responder: any ConnectionResponder
    private let ended: EventLoopPromise<Void>

    private var context: ChannelHandlerContext?
    private var connection: Connection?
    private var phase = Phase.serving
    private var intake = RequestIntake()
    /// Whether another request may follow on the connection.
    private var keepsAlive = true
    private var answering: Task<Void, Never>?
    private var lastActivity = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?
    /// Whether reading waits for an answer.
    private var owesRead = false

    /// - Parameters:
    ///   - idleTimeout: How long a client may take to go on.
    ///   - executor: That of the connection's event loop.
    ///   - ended: Fulfilled when the connection is closed and nothing is done for it any more.
    init(
        idleTimeout: TimeAmount, executor: EventLoopExecutor, ended: EventLoopPromise<Void>,
        responder: any ConnectionResponder
    ) {
        self.idleTimeout = idleTimeout
        self.executor = executor
        self.ended = ended
        self.responder = responder
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { watchIdleness() }
    }

    func channelActive(context: ChannelHandlerContext) {
        watchIdleness()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .serving = phase else {
            context.close(promise: nil)
            return
        }
        // What came before the nonsense was a request, and gets its answer.
        if intake.isAnswering { keepsAlive = false } else { refuse(.badRequest, context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // Who sends nothing more may still want an answer, but not one without an end.
            keepsAlive = false
            switch phase {
            case .serving where intake.isAnswering: break
            case .serving, .streaming, .closing: context.close(promise: nil)
            }
        case is ChannelShouldQuiesceEvent:
            keepsAlive = false
            if case .serving = phase, intake.isIdle { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Gives up what is being done for the connection.
    func cancel() {
        answering?.cancel()
        context?.close(promise: nil)
    }

    private func end() {
        guard context != nil else { return }
        context = nil
        idleTimer?.cancel()
        idleTimer = nil
        if case .streaming(let stream) = phase { stream.ended() }
        phase = .closing
        // What a task still does, such as ending sessions after a password has changed, is not given up half way.
        if !intake.isAnswering { ended.succeed() }
    }

    private func watchIdleness() {
        guard idleTimer == nil, let context else { return }
        lastActivity = .now()
        watchIdleness(for: idleTimeout, context)
    }

    private func watchIdleness(for time: TimeAmount, _ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.lookAtIdleness() }
    }

    private func lookAtIdleness() {
        idleTimer = nil
        guard let context else { return }
        switch phase {
        case .streaming: return
        case .serving where !intake.waitsForClient: watchIdleness(for: idleTimeout, context)
        case .serving, .closing:
            let left = lastActivity + idleTimeout - .now()
            if left <= .zero { context.close(promise: nil) } else { watchIdleness(for: left, context) }
        }
    }

    // MARK: Requests

    func read(context: ChannelHandlerContext) {
        if intake.isFull { owesRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes after the request for a live stream means nothing, and is not even parsed any more.
        guard case .serving = phase else { return }
        lastActivity = .now()
        act(intake.receive(unwrapInboundIn(data), now: lastActivity), context)
    }

    private func act(_ action: RequestIntake.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .wait: break
        case .close: context.close(promise: nil)
        case .answer(let head, let body): answer(head, body, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        if !head.isKeepAlive || head.version != .http1_1 { keepsAlive = false }
        guard let request = try? HTTPRequest(head, secure: false, splitCookie: false) else {
            _ = intake.answered()
            refuse(.badRequest, context)
            return
        }
        let connection = connection ?? Connection(channel: context.channel)
        self.connection = connection
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let isBegun = responder.begin(request, body, on: connection) { answer in
            Self.onLoop(eventLoop) { handler.value.write(answer) }
        }
        guard !isBegun else { return }
        answering = Self.task(
            on: executor, responder, Request(head: request, body: RequestBody(buffer: body)), connection, handler,
            eventLoop)
    }

    private static func task(
        on executor: EventLoopExecutor, _ responder: any ConnectionResponder, _ request: Request,
        _ connection: Connection, _ handler: NIOLoopBound<ConnectionHandler>, _ eventLoop: any EventLoop
    ) -> Task<Void, Never> {
        Task(executorPreference: executor) {
            let response = await responder.answer(request, on: connection)
            await write(response, by: handler, on: eventLoop)
        }
    }

    private static func write(
        _ response: Response, by handler: NIOLoopBound<ConnectionHandler>, on eventLoop: any EventLoop
    ) async {
        if response.body.contentLength != nil {
            let body = CollectedBody()
            // It only collects, so it cannot fail.
            try? await response.body.write(body)
            let answer = WholeAnswer(head: response.head, body: body.bytes)
            onLoop(eventLoop) { handler.value.write(answer) }
        } else {
            onLoop(eventLoop) { handler.value.write(head: response.head) }
            do {
                try await response.body.write(GrowingBody(handler: handler, eventLoop: eventLoop))
                onLoop(eventLoop) { handler.value.answered() }
            } catch {
                // Half an answer must not look like a whole one.
                onLoop(eventLoop) { handler.value.giveUp() }
            }
        }
    }

    /// At once if this is the event loop, which it nearly always is.
    private static func onLoop(_ eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    // MARK: Answers

    /// An answer that no part of the chat has to make.
    private func refuse(_ status: HTTPResponse.Status, _ context: ChannelHandlerContext) {
        keepsAlive = false
        let head = HTTPResponse(status: status, headerFields: [.connection: "close", .contentLength: "0"])
        context.write(wrapOutboundOut(.head(HTTPResponseHead(head))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        close(context)
    }

    private func write(_ answer: WholeAnswer) {
        guard let context else { return answered() }
        write(answer.head, context)
        if answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        answered()
    }

    private func write(head: HTTPResponse) {
        guard let context else { return }
        write(head, context)
        context.flush()
    }

    private func write(_ head: HTTPResponse, _ context: ChannelHandlerContext) {
        if head.headerFields[.connection] == "close" { keepsAlive = false }
        var head = HTTPResponseHead(head)
        if !keepsAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Fulfilled when the client's machine has taken it.
    func write(part: ByteBuffer) -> EventLoopFuture<Void> {
        guard let context else { return ended.futureResult.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: promise)
        return promise.futureResult
    }

    private func answered() {
        answering = nil
        let canGoOn = intake.answered()
        let stream = connection?.takeStream()
        guard let context else {
            stream?.ended()
            ended.succeed()
            return
        }
        if let stream {
            begin(stream, context)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard canGoOn, keepsAlive else {
            close(context)
            return
        }
        lastActivity = .now()
        watchIdlenessAgain(context)
        act(intake.next(now: lastActivity), context)
        if owesRead, !intake.isFull {
            owesRead = false
            context.read()
        }
    }

    private func watchIdlenessAgain(_ context: ChannelHandlerContext) {
        if idleTimer == nil { watchIdleness(for: idleTimeout, context) }
    }

    private func giveUp() {
        answering = nil
        _ = intake.answered()
        connection?.takeStream()?.ended()
        if let context { context.close(promise: nil) } else { ended.succeed() }
    }

    /// Says that nothing more comes, and waits for the client to close: closing at once could destroy what it has not
    /// read yet.
    private func close(_ context: ChannelHandlerContext) {
        phase = .closing
        lastActivity = .now()
        watchIdlenessAgain(context)
        context.close(mode: .output, promise: nil)
    }

    // MARK: Live streams

    private func begin(_ stream: LiveStream, _ context: ChannelHandlerContext) {
        phase = .streaming(stream)
        idleTimer?.cancel()
        idleTimer = nil
        connection = nil
        // Nothing that could still come is a request.
        let pipeline = context.pipeline.syncOperations
        if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            pipeline.removeHandler(decoder, promise: nil)
        }
        stream.attach(to: NIOLoopBound(self, eventLoop: context.eventLoop))
        writeStream()
    }

    /// Writes what waits for the stream, as far as the client takes it.
    func writeStream() {
        guard case .streaming(let stream) = phase, let context else { return }
        var hasWritten = false
        loop: while context.channel.isWritable {
            switch stream.take() {
            case .frames(let frames):
                for frame in frames { context.write(wrapOutboundOut(.body(.byteBuffer(frame))), promise: nil) }
                hasWritten = true
            case .wait: break loop
            case .end:
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                close(context)
                stream.ended()
                return
            }
        }
        if hasWritten { context.flush() }
        stream.noteProgress(context.channel.isWritable)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writeStream() }
        context.fireChannelWritabilityChanged()
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
