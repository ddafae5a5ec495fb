/// Where methods are written to.
protocol MethodSink: AnyObject {
    func write(_ method: OutgoingMethod, channel: UInt16)
}

extension Wire: MethodSink {}

/// One channel of a live connection: what `ChannelState` knows, with the writing done.
struct Channel<Token> {
    let number: UInt16
    private let sink: any MethodSink
    private let timeout: Duration
    private(set) var state = ChannelState<Token>()

    init(number: UInt16, sink: any MethodSink, timeout: Duration) {
        self.number = number
        self.sink = sink
        self.timeout = timeout
    }

    var phase: ChannelState<Token>.Phase { state.phase }
    var deadline: ContinuousClock.Instant? { state.deadline }

    mutating func open(at now: ContinuousClock.Instant) {
        sink.write(.channelOpen, channel: number)
        state.opening(deadline: now + timeout)
    }

    /// Writes a request; its answer comes back with `token`.
    mutating func request(_ method: OutgoingMethod, token: Token?, at now: ContinuousClock.Instant) {
        guard let reply = method.reply else { preconditionFailure("not a request") }
        sink.write(method, channel: number)
        state.requested(reply, token: token, deadline: now + timeout)
    }

    /// Writes a method that has no answer.
    func tell(_ method: OutgoingMethod) { sink.write(method, channel: number) }

    mutating func close(at now: ContinuousClock.Instant) {
        sink.write(.channelClose(code: 200, text: "done"), channel: number)
        state.closing(deadline: now + timeout)
    }

    mutating func receive(_ method: IncomingMethod) throws(ProtocolViolation) -> ChannelState<Token>.Reaction {
        if case .channelFlow(let active) = method {
            tell(.channelFlowOK(active: active))
            return .ignored
        }
        let reaction = try state.receive(method)
        switch reaction {
        case .closedByBroker, .closeCrossed: tell(.channelCloseOK)
        default: break
        }
        return reaction
    }

    mutating func postpone(to deadline: ContinuousClock.Instant) { state.postpone(to: deadline) }

    /// The channel, to be left alone until the broker answers its closing.
    func abandoned() -> AbandonedChannel { AbandonedChannel(number: number, sink: sink) }

    mutating func disconnected() -> [Token] { state.disconnected() }
}

/// Who handles the methods of a channel.
protocol ChannelOwner: AnyObject {
    func receive(_ assembled: FrameAssembler.Assembled, at now: ContinuousClock.Instant) throws(ProtocolViolation)

    /// When the broker is overdue with an answer.
    var deadline: ContinuousClock.Instant? { get }

    /// The broker reads again after a pause.
    func postpone(to deadline: ContinuousClock.Instant)
}

extension CloseReason {
    func error(_ what: String, outcomeUnknown: Bool = false) -> AMQPError {
        AMQPError(.channelClosed, "\(what): \(text)", replyCode: code, outcomeUnknown: outcomeUnknown)
    }
}
