import DequeModule

/// Declarations, bindings and questions, on a channel apart from publishers and consumers: a refusal closes only this
/// channel, and it opens again. Belongs to the connection's thread.
final class ControlChannel: ChannelOwner {
    /// Unanswered methods at a time, so that the answer to each is due soon after it was written.
    private static let window = 512

    private final class Group {
        let operation: PendingOperation<IncomingMethod>
        var unanswered: Int
        let cost: Int
        var isOver = false

        init(_ request: ControlRequest) {
            operation = request.operation
            unanswered = request.methods.count
            cost = request.isCounted ? 1 : 0
        }
    }

    private struct Step {
        var method: OutgoingMethod
        var group: Group
    }

    private let limits: Limits
    private var channel: Channel<Step>
    private var waiting = Deque<Step>()
    private var written = 0
    /// Operations finished since they were last asked for.
    private(set) var finished = 0

    init(wire: any MethodSink, number: UInt16, limits: Limits) {
        self.limits = limits
        channel = Channel(number: number, sink: wire, timeout: limits.operationTimeout)
    }

    var isIdle: Bool { waiting.isEmpty && written == 0 }
    var deadline: ContinuousClock.Instant? { channel.deadline }

    func submit(_ request: ControlRequest) {
        let group = Group(request)
        waiting.append(contentsOf: request.methods.map { Step(method: $0, group: group) })
    }

    /// Writes what the window lets.
    func pump(at now: ContinuousClock.Instant) {
        guard !waiting.isEmpty else { return }
        if channel.phase == .closed { channel.open(at: now) }
        guard channel.phase != .closing else { return }
        while written < Self.window, let step = waiting.popFirst() {
            guard !step.group.isOver, step.group.operation.begin() else {
                finished += step.group.cost
                continue
            }
            channel.request(step.method, token: step, at: now)
            written += 1
        }
    }

    func receive(
        _ assembled: FrameAssembler.Assembled, at now: ContinuousClock.Instant
    ) throws(ProtocolViolation) {
        guard case .method(let method) = assembled else { return }
        switch try channel.receive(method) {
        case .answered(let step?, let answer):
            written -= 1
            finished += step.group.cost
            step.group.unanswered -= 1
            if step.group.unanswered == 0 && !step.group.isOver {
                step.group.isOver = true
                step.group.operation.finish(.success(answer))
            }
        case .closedByBroker(let reason, let culprit, let unseen):
            written = 0
            if let culprit {
                finished += culprit.group.cost
                end(culprit.group, with: reason.error("the broker refused"))
            }
            waiting.prepend(contentsOf: unseen)
        default:
            break
        }
    }

    /// Ends the operations that wait for a broker which does not read; their answers may still come.
    func giveUpWaiting() {
        let error = AMQPError(.timedOut, "the broker does not answer while it is blocked", outcomeUnknown: true)
        for step in waiting { end(step.group, with: error) }
        for step in channel.state.tokens { end(step.group, with: error) }
    }

    func postpone(to deadline: ContinuousClock.Instant) { channel.postpone(to: deadline) }

    func disconnected(_ cause: AMQPError) {
        let unknown = AMQPError(
            .outcomeUnknown, "the connection was lost before the broker answered", underlying: cause)
        for step in channel.disconnected() {
            finished += step.group.cost
            end(step.group, with: unknown)
        }
        let unsent = AMQPError(.notConnected, "the connection was lost before the request was sent", underlying: cause)
        for step in waiting.takeAll() {
            finished += step.group.cost
            end(step.group, with: unsent)
        }
        written = 0
    }

    func takeFinished() -> Int {
        defer { finished = 0 }
        return finished
    }

    private func end(_ group: Group, with error: AMQPError) {
        guard !group.isOver else { return }
        group.isOver = true
        group.operation.finish(.failure(error))
    }
}

/// The configured limits that channels need.
struct Limits {
    var operationTimeout: Duration
    var reconnectDelay: ClosedRange<Duration>
}
