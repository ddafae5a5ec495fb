internal import DequeModule
internal import Logging

/// A publisher's side on the connection's thread: what waits to be written, and what waits for its confirm.
final class PublisherChannel: ChannelOwner {
    /// RabbitMQ stops reading from a connection of which one channel has 400 publications that it cannot pass on, so no
    /// channel may have so many, with those that were given up; what is more waits here.
    private static let window = 256
    /// How long a channel that can take no more may stay so.
    private static let patience: Duration = .seconds(60)

    private struct Written {
        var observer: QueuedPublication.Observer
        var size: Int
    }

    private let limits: Limits
    private let logger: Logger
    private var wire: Wire?
    private var channel: Channel<Void>?
    private var isReady = false
    private var backlog = Deque<QueuedPublication>()
    private var tracker = ConfirmTracker<Written>()
    private var confirmsPostponedTo: ContinuousClock.Instant?
    private var finishedOperations = 0
    private var finishedBytes = 0
    private(set) var isClosing = false

    init(limits: Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    var number: UInt16? { channel?.number }
    /// When that was written which the broker has confirmed or refused and which was written last.
    var latestAnswered: ContinuousClock.Instant? { tracker.latestAnswered }
    var isIdle: Bool { backlog.isEmpty && tracker.unresolved == 0 }
    /// Whether a publication could be written now.
    var canWrite: Bool { isReady && !backlog.isEmpty && tracker.unanswered < Self.window }
    /// Whether nothing keeps the channel number in use any more.
    var isClosed: Bool { isClosing && (channel == nil || channel?.phase == .closed) }

    /// An overdue answer or confirm.
    var deadline: ContinuousClock.Instant? {
        let confirm = tracker.oldest.map { max($0 + limits.operationTimeout, confirmsPostponedTo ?? $0) }
        return [channel?.deadline, confirm].compactMap { $0 }.min()
    }

    /// When the broker has left so much unanswered for so long that only another connection can help.
    var stuckDeadline: ContinuousClock.Instant? {
        guard tracker.unanswered >= Self.window else { return nil }
        return tracker.oldestUnanswered.map { max($0, confirmsPostponedTo ?? $0) + Self.patience }
    }

    /// When the oldest publication has waited too long to be written.
    var backlogDeadline: ContinuousClock.Instant? { backlog.first?.deadline }

    func submit(_ publications: [QueuedPublication]) {
        guard channel != nil, !isClosing else {
            let error = AMQPError(
                isClosing ? .closed : .notConnected, isClosing ? "the publisher was closed" : "there is no connection")
            for queued in publications { finish(queued, .failure(error)) }
            return
        }
        backlog.append(contentsOf: publications)
    }

    // MARK: Connection

    func connected(_ wire: Wire, number: UInt16, at now: ContinuousClock.Instant) {
        self.wire = wire
        confirmsPostponedTo = nil
        channel = Channel(number: number, sink: wire, timeout: limits.operationTimeout)
        open(at: now)
    }

    func disconnected(_ cause: AMQPError) {
        _ = channel?.disconnected()
        channel = nil
        wire = nil
        abandonWritten(cause)
        failBacklog(
            AMQPError(.notConnected, "the connection was lost before the message was sent", underlying: cause))
    }

    /// Closes the channel once everything is confirmed.
    func close() { isClosing = true }

    private func open(at now: ContinuousClock.Instant) {
        isReady = false
        channel?.open(at: now)
        channel?.request(.confirmSelect, token: nil, at: now)
    }

    // MARK: Writing

    /// Writes waiting publications, at most `budget`.
    /// - Returns: how many were written.
    func pump(at now: ContinuousClock.Instant, budget: Int) throws(AMQPError) -> Int {
        guard isReady, let wire, let number else { return 0 }
        var count = 0
        while count < budget, tracker.unanswered < Self.window, wire.pendingBytes < Wire.highWater,
            let queued = backlog.popFirst()
        {
            count += 1
            guard queued.observer.begin() else {
                finishedOperations += 1
                finishedBytes += queued.bodySize
                continue
            }
            let isMarked: Bool
            if case .none = queued.observer { isMarked = false } else { isMarked = queued.publication.mandatory }
            do throws(AMQPError) {
                try wire.publish(queued.publication, channel: number, number: isMarked ? tracker.nextTag : nil)
            } catch {
                finish(queued, .failure(error))
                continue
            }
            tracker.record(Written(observer: queued.observer, size: queued.bodySize), at: now)
        }
        if isClosing && isIdle && channel?.phase == .open { channel?.close(at: now) }
        return count
    }

    /// Publications that were not written surely had no effect.
    func failBacklog(_ error: AMQPError) {
        for queued in backlog.takeAll() { finish(queued, .failure(error)) }
    }

    func expireBacklog(at now: ContinuousClock.Instant) {
        while let first = backlog.first, first.deadline <= now {
            _ = backlog.popFirst()
            finish(first, .failure(AMQPError(.timedOut, "the message could not be sent in time")))
        }
    }

    /// Gives overdue confirms up without giving up the connection, because the broker said that it does not read.
    func expireConfirms(at now: ContinuousClock.Instant) {
        for written in tracker.expire(writtenBefore: now - limits.operationTimeout) {
            finish(written, .failure(AMQPError(.outcomeUnknown, "the broker did not confirm while it was blocked")))
        }
    }

    /// Gives overdue confirms up of what was written before `answered`, when something was written that the broker has
    /// confirmed since. It is alive, so only a queue does not answer, and that is no reason to give up the connection and
    /// with it what is under way to all others.
    func expireConfirms(overtakenAt answered: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        if let confirmsPostponedTo, now < confirmsPostponedTo { return }
        let overdue = now - limits.operationTimeout + .nanoseconds(1)
        for written in tracker.expire(writtenBefore: min(answered, overdue)) {
            let error = AMQPError(
                .timedOut, "the queue did not confirm within \(limits.operationTimeout), others did",
                outcomeUnknown: true)
            finish(written, .failure(error))
        }
    }

    // MARK: Reading

    func receive(
        _ assembled: FrameAssembler.Assembled, at now: ContinuousClock.Instant
    ) throws(ProtocolViolation) {
        switch assembled {
        case .content(.returned(let returned), let message):
            if let tag = ReturnMark.number(in: message.properties) {
                tracker.markReturned(tag: tag, code: returned.code, text: returned.text)
            }
        case .method(.ack(let tag, let multiple)):
            for (written, outcome) in try tracker.acknowledge(tag: tag, multiple: multiple) {
                finish(written, outcome.result)
            }
        case .method(.nack(let tag, let multiple)):
            for (written, outcome) in try tracker.refuse(tag: tag, multiple: multiple) {
                finish(written, outcome.result)
            }
        case .method(let method):
            try react(to: method, at: now)
        case .content:
            break
        }
    }

    private func react(to method: IncomingMethod, at now: ContinuousClock.Instant) throws(ProtocolViolation) {
        switch try channel?.receive(method) {
        case .answered(_, .confirmSelectOK):
            isReady = true
        case .closedByBroker(let reason, _, _):
            logger.warning(
                "the broker closed a publishing channel",
                metadata: ["reply-code": "\(reason.code)", "reply-text": "\(reason.text)"])
            abandonWritten(reason.error("the broker closed the channel"), code: .channelClosed, reason: reason)
            if !isClosing { open(at: now) }
        default:
            break
        }
    }

    /// Gives what is overdue a new deadline, because the broker was not listening.
    func postpone(to deadline: ContinuousClock.Instant) {
        channel?.postpone(to: deadline)
        confirmsPostponedTo = deadline
    }

    // MARK: Accounts

    /// What was finished since the last look.
    func takeFinished() -> (operations: Int, bytes: Int) {
        defer {
            finishedOperations = 0
            finishedBytes = 0
        }
        return (finishedOperations, finishedBytes)
    }

    private func abandonWritten(
        _ cause: AMQPError, code: AMQPError.Code = .outcomeUnknown, reason: CloseReason? = nil
    ) {
        isReady = false
        let unknown = AMQPError(
            code, reason?.text ?? "the connection was lost before the broker confirmed", replyCode: reason?.code,
            outcomeUnknown: true, underlying: cause)
        for (written, returned) in tracker.abandon() {
            finish(written, returned?.result ?? .failure(unknown))
        }
    }

    private func finish(_ queued: QueuedPublication, _ outcome: Result<Void, AMQPError>) {
        finishedOperations += 1
        finishedBytes += queued.bodySize
        queued.observer.finish(outcome)
    }

    private func finish(_ written: Written, _ outcome: Result<Void, AMQPError>) {
        finishedOperations += 1
        finishedBytes += written.size
        written.observer.finish(outcome)
    }
}

extension ConfirmTracker.Outcome {
    fileprivate var result: Result<Void, AMQPError> {
        switch self {
        case .confirmed: .success(())
        case .refused: .failure(AMQPError(.nacked, "the broker refused the message"))
        case .returned(let code, let text):
            .failure(AMQPError(.unroutable, "no queue took the message: \(text)", replyCode: code))
        }
    }
}
