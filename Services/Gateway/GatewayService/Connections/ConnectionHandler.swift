import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Serves one connection on its event loop: collects requests, has each answered, nearly all by a task of their own, and
/// writes the answers. Between requests, and while the connection is a live stream, no task exists for it: a task keeps
/// the memory of its deepest call, and ten thousand people who only listen should cost little.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What all connections of a process share.
    struct Shared: Sendable {
        let responder: any ConnectionResponder
        let budget: BodyBudget
        let hosts: HostRule
        /// How long a client may take to go on, and to take some of a response.
        let idleTimeout: TimeAmount
        /// How long the head of a request may take to arrive, and then its body.
        let requestTimeout: TimeAmount
        /// How long a client has to close after the last answer is written. Closing at once could destroy what it has not
        /// read yet.
        let lingering: TimeAmount = .seconds(2)
    }

    enum Phase {
        case serving
        /// The connection's last answer goes on for hours.
        case streaming(LiveStream)
        /// Everything is answered, and nothing more is read.
        case closing
    }

    let shared: Shared
    private let executor: EventLoopExecutor
    private let ended: EventLoopPromise<Void>

    private(set) var context: ChannelHandlerContext?
    private var connection: Connection?
    private(set) var phase = Phase.serving
    private(set) var intake: RequestIntake
    /// What of the budget this connection has taken.
    private var charged = 0
    /// Whether another request may follow on the connection.
    private var keepsAlive = true
    /// Whether the request asks for the head of a response only.
    private var isHead = false
    private var isInputClosed = false
    private(set) var isQuiescing = false
    private var responding: Task<Void, Never>?
    var clock = ConnectionClock()
    /// Whether reading waits for a response, or for the client to take one.
    private var owesRead = false

    /// - Parameters:
    ///   - executor: That of the connection's event loop.
    ///   - ended: Fulfilled when the connection is closed and nothing is done for it any more, or when it is a live stream.
    init(_ shared: Shared, executor: EventLoopExecutor, ended: EventLoopPromise<Void>) {
        self.shared = shared
        self.executor = executor
        self.ended = ended
        intake = RequestIntake(bodyTime: shared.requestTimeout)
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { watchNewConnection(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        watchNewConnection(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What follows something that could not be parsed cannot be either.
        if error is ByteToMessageDecoderError { return }
        guard error is HTTPParserError, case .serving = phase else {
            context.close(promise: nil)
            return
        }
        // What came before the nonsense was a request, and gets its response.
        if intake.isResponding { keepsAlive = false } else { refuse(.badRequest, context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            keepsAlive = false
            switch phase {
            // Who sends nothing more may still want a response, but not one without an end.
            case .serving where intake.isResponding, .closing: break
            case .serving: close(context)
            case .streaming: context.close(promise: nil)
            }
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            keepsAlive = false
            if case .serving = phase, !intake.isResponding { close(context) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Gives up what is being done for the connection.
    func cancel() {
        responding?.cancel()
        context?.close(promise: nil)
    }

    private func end() {
        guard context != nil else { return }
        context = nil
        clock.stop()
        charge(for: 0)
        if case .streaming(let stream) = phase { stream.ended() }
        phase = .closing
        // What a task still does, such as ending sessions after a password has changed, is not given up half way.
        if !intake.isResponding { ended.succeed() }
    }

    /// Says that nothing more comes, and gives the client a moment to read it and to close.
    private func close(_ context: ChannelHandlerContext) {
        phase = .closing
        stopParsing(context)
        clock.stop()
        watchIdleness(context)
        // With both sides closed nothing more would be written; the timer looks whether all is.
        if !isInputClosed || unwritten(context) == 0 { context.close(mode: .output, promise: nil) }
    }

    /// Nothing that could still come is a request.
    private func stopParsing(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else { return }
        pipeline.removeHandler(decoder, promise: nil)
    }

    // MARK: Requests

    func read(context: ChannelHandlerContext) {
        // Who takes no answers may not ask for more of them.
        if intake.isFull || !context.channel.isWritable { owesRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .serving = phase else { return }
        clock.received(.now())
        act(intake.receive(unwrapInboundIn(data), now: clock.lastActivity), context)
        if self.context != nil, !charge(for: intake.collectedBytes) { refuse(.serviceUnavailable, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .serving = phase { watchUnfinishedRequest(context) }
        context.fireChannelReadComplete()
    }

    @discardableResult
    private func charge(for bytes: Int) -> Bool {
        if bytes > charged, !shared.budget.take(bytes - charged) { return false }
        if bytes < charged { shared.budget.give(back: charged - bytes) }
        charged = bytes
        return true
    }

    private func act(_ action: RequestIntake.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .wait: break
        case .close: context.close(promise: nil)
        case .respond(let head, let body): respond(to: head, body, context)
        }
    }

    private func respond(to head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        isHead = head.method == .HEAD
        // After a request to speak another protocol the parser understands nothing more.
        let isLast =
            !head.isKeepAlive || head.version != .http1_1 || !intake.isBodyComplete || head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
        if isLast { keepsAlive = false }
        if let objection = shared.hosts.objection(to: head.headers) {
            intake.responded()
            refuse(.badRequest, context, because: objection)
            return
        }
        guard let request = try? HTTPRequest(head, secure: false, splitCookie: false) else {
            intake.responded()
            refuse(.badRequest, context)
            return
        }
        let connection = connection ?? Connection(channel: context.channel)
        self.connection = connection
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let isBegun = shared.responder.begin(request, body, on: connection) { response in
            Self.onLoop(eventLoop) { handler.value.write(response) }
        }
        guard !isBegun else { return }
        responding = Self.task(
            on: executor, shared.responder, Request(head: request, body: RequestBody(buffer: body)), connection,
            handler, eventLoop)
    }

    private static func task(
        on executor: EventLoopExecutor, _ responder: any ConnectionResponder, _ request: Request,
        _ connection: Connection, _ handler: NIOLoopBound<ConnectionHandler>, _ eventLoop: any EventLoop
    ) -> Task<Void, Never> {
        Task(executorPreference: executor) {
            let response = await responder.respond(to: request, on: connection)
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
            let whole = WholeResponse(head: response.head, body: body.bytes)
            onLoop(eventLoop) { handler.value.write(whole) }
        } else {
            onLoop(eventLoop) { handler.value.write(head: response.head) }
            do {
                try await response.body.write(GrowingBody(handler: handler, eventLoop: eventLoop))
                onLoop(eventLoop) { handler.value.responded() }
            } catch {
                // Half a response must not look like a whole one.
                onLoop(eventLoop) { handler.value.giveUp() }
            }
        }
    }

    /// At once if this is the event loop, which it nearly always is.
    private static func onLoop(_ eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    // MARK: Responses

    /// A response that no part of the chat has to make.
    func refuse(_ status: HTTPResponse.Status, _ context: ChannelHandlerContext, because reason: String = "") {
        let body = ByteBuffer(string: reason.isEmpty ? "" : reason + "\n")
        var fields: HTTPFields = [.connection: "close", .contentLength: "\(body.readableBytes)"]
        if !reason.isEmpty { fields[.contentType] = "text/plain; charset=utf-8" }
        if status == .serviceUnavailable { fields[.retryAfter] = "1" }
        let head = HTTPResponseHead(HTTPResponse(status: status, headerFields: fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !reason.isEmpty, !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if self.context != nil { close(context) }
    }

    private func write(_ response: WholeResponse) {
        guard let context else { return responded() }
        write(response.head, context)
        if response.body.readableBytes > 0, !isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        responded()
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

    private func responded() {
        responding = nil
        intake.responded()
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
        // Writing may have found the connection dead.
        guard self.context != nil else { return }
        if keepsAlive { goOn(context) } else { close(context) }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        // Otherwise when the client has taken what is written.
        guard context.channel.isWritable else { return }
        watchIdleness(context)
        act(intake.next(now: clock.lastActivity), context)
        resumeReading(context)
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard owesRead, !intake.isFull, self.context != nil, context.channel.isWritable else { return }
        owesRead = false
        context.read()
    }

    private func giveUp() {
        responding = nil
        intake.responded()
        connection?.takeStream()?.ended()
        if let context { context.close(promise: nil) } else { ended.succeed() }
    }

    // MARK: Live streams

    private func begin(_ stream: LiveStream, _ context: ChannelHandlerContext) {
        guard !isInputClosed else {
            stream.ended()
            context.close(promise: nil)
            return
        }
        phase = .streaming(stream)
        clock.stop()
        connection = nil
        stopParsing(context)
        // The server's task for the connection would keep a kilobyte of memory for as long. Streams are ended by their
        // registry, which stops before the server does.
        ended.succeed()
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
                phase = .closing
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                if self.context != nil { close(context) }
                stream.ended()
                return
            }
        }
        if hasWritten { context.flush() }
        stream.noteProgress(context.channel.isWritable)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if case .serving = phase, !intake.isResponding { goOn(context) } else { writeStream() }
            resumeReading(context)
        }
        context.fireChannelWritabilityChanged()
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
