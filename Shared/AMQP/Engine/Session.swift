internal import Glibc
internal import Logging

/// One live connection: reading, writing and watching the clock, turn by turn, until it ends. Belongs to the
/// connection's thread.
final class Session {
    /// How a session ended.
    enum End {
        case lost(AMQPError)
        case closedOnRequest
    }

    enum Stage {
        case running
        /// Completing what is under way, until the instant.
        case finishing(until: ContinuousClock.Instant)
        /// `connection.close` was written.
        case closing(until: ContinuousClock.Instant)
    }

    /// Frames read, and publications written, before the other side has its turn.
    private static let framesPerTurn = 1024
    private static let publicationsPerTurn = 1024
    private static let closeLimit: Duration = .seconds(2)

    let wire: Wire
    private let library: LibraryConnection
    let mailbox: Mailbox
    let limits: Limits
    private let sendTimeout: Duration
    let logger: Logger
    let registry: ChannelRegistry
    let control: ControlChannel
    private let onBlocked: (String?) -> Void
    let channels: ChannelTable
    var stage = Stage.running
    private(set) var blockedReason: String?
    private var lastRead: ContinuousClock.Instant
    private var mayHaveInput = true
    private var hasMoreToWrite = false
    private var closeWasAnswered = false
    private var closeReason: CloseReason?

    init(
        library: LibraryConnection, mailbox: Mailbox, registry: ChannelRegistry, limits: Limits, sendTimeout: Duration,
        logger: Logger, onBlocked: @escaping (String?) -> Void
    ) {
        self.library = library
        self.mailbox = mailbox
        self.registry = registry
        self.limits = limits
        self.sendTimeout = sendTimeout
        self.logger = logger
        self.onBlocked = onBlocked
        wire = Wire(library: library)
        channels = ChannelTable(maximum: UInt16(clamping: library.channelMax))
        let controlNumber = channels.take() ?? 1
        control = ControlChannel(wire: wire, number: controlNumber, limits: limits)
        channels.give(controlNumber, to: control)
        lastRead = .now
    }

    var isClosing: Bool {
        if case .running = stage { false } else { true }
    }

    /// Serves until the end. `abandon` has to follow.
    func run(_ commands: inout [Command]) -> End {
        let now = ContinuousClock.now
        for publisher in registry.publishers.values where !publisher.isClosing { attach(publisher, at: now) }
        for consumer in registry.consumers.values { attach(consumer, at: now) }
        let end: End
        do throws(AMQPError) {
            while try turn(&commands) {}
            end = .closedOnRequest
        } catch {
            end = .lost(error)
        }
        return end
    }

    /// Answers everything that depended on this connection.
    func abandon(_ cause: AMQPError) {
        control.disconnected(cause)
        for publisher in registry.publishers.values { publisher.disconnected(cause) }
        for consumer in registry.consumers.values { consumer.disconnected(cause) }
        releaseFinished()
        registry.removeEnded()
    }

    /// - Returns: false when the connection was closed on request.
    private func turn(_ commands: inout [Command]) throws(AMQPError) -> Bool {
        try wait()
        let now = ContinuousClock.now
        if mayHaveInput { try read(at: now) }
        mailbox.take(&commands)
        for command in commands { apply(command, at: now) }
        if closeWasAnswered { return false }
        try advance(at: now)
        try wire.flush(at: now)
        hasMoreToWrite =
            blockedReason == nil && wire.pendingBytes < Wire.highWater
            && registry.publishers.values.contains(where: \.canWrite)
        try checkClock(at: now)
        releaseFinished()
        return try continueClosing(at: now)
    }

    // MARK: Waiting

    private func wait() throws(AMQPError) {
        let timeout: Int32
        if mayHaveInput || hasMoreToWrite {
            timeout = 0
        } else {
            timeout = (nextInstant() - ContinuousClock.now).pollMilliseconds
        }
        let wanted = Int16(POLLIN) | (wire.pendingBytes > 0 ? Int16(POLLOUT) : 0)
        var descriptors = [
            pollfd(fd: library.socket, events: wanted, revents: 0),
            pollfd(fd: mailbox.wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&descriptors, 2, timeout)
        if count < 0 && errno != EINTR {
            throw AMQPError(.notConnected, "waiting failed: \(String(cString: strerror(errno)))")
        }
        guard count > 0 else { return }
        if descriptors[0].revents & Int16(POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0 { mayHaveInput = true }
        if descriptors[1].revents != 0 { mailbox.wake.clear() }
    }

    private func nextInstant() -> ContinuousClock.Instant {
        var next = ContinuousClock.now + .seconds(1)
        if library.heartbeat > .zero { next = min(next, wire.lastWrite + library.heartbeat / 2) }
        if let stalled = wire.stalledSince, blockedReason == nil { next = min(next, stalled + sendTimeout) }
        if let deadline = channels.deadline { next = min(next, deadline) }
        for consumer in registry.consumers.values {
            if let retryAt = consumer.retryAt { next = min(next, retryAt) }
        }
        for publisher in registry.publishers.values {
            if let deadline = publisher.backlogDeadline { next = min(next, deadline) }
        }
        switch stage {
        case .running: break
        case .finishing(let until), .closing(let until): next = min(next, until)
        }
        // What is overdue on a blocked connection stays so; it must not make the loop spin.
        return blockedReason == nil ? next : max(next, ContinuousClock.now + .milliseconds(100))
    }

    // MARK: Reading

    private func read(at now: ContinuousClock.Instant) throws(AMQPError) {
        lastRead = now
        mayHaveInput = false
        for _ in 0..<Self.framesPerTurn {
            let handled = try library.receive { channel, frame throws(ProtocolViolation) in
                try self.dispatch(frame, on: channel, at: now)
            }
            // Under TLS decrypted bytes may wait out of sight, so only an empty answer proves that nothing is left.
            if let closeReason {
                throw AMQPError(
                    .notConnected, "the broker closed the connection: \(closeReason.text)",
                    replyCode: closeReason.code)
            }
            if !handled { return }
            if !library.isEncrypted && !library.hasBufferedInput { return }
        }
        mayHaveInput = true
    }

    private func dispatch(
        _ frame: LibraryConnection.Frame, on channel: UInt16, at now: ContinuousClock.Instant
    ) throws(ProtocolViolation) {
        if channel == 0 {
            if case .method(let method) = frame { try receive(method, at: now) }
            return
        }
        try channels.receive(frame, on: channel, at: now)
    }

    /// Methods of the connection itself.
    private func receive(_ method: IncomingMethod, at now: ContinuousClock.Instant) throws(ProtocolViolation) {
        switch method {
        case .connectionClose(let reason):
            wire.write(.connectionCloseOK, channel: 0)
            try? wire.flush(at: now)
            closeReason = reason
        case .connectionCloseOK:
            closeWasAnswered = true
        case .connectionBlocked(let reason):
            guard blockedReason == nil else { return }
            logger.warning("the broker takes no publications", metadata: ["reason": "\(reason)"])
            blockedReason = reason
            if case .running = stage { onBlocked(reason) }
            let error = AMQPError(.blocked, "the broker takes no publications: \(reason)")
            for publisher in registry.publishers.values { publisher.failBacklog(error) }
        case .connectionUnblocked:
            guard blockedReason != nil else { return }
            logger.info("the broker takes publications again")
            blockedReason = nil
            channels.postpone(to: now + limits.operationTimeout)
            if case .running = stage { onBlocked(nil) }
        default:
            break
        }
    }

    // MARK: Everybody's turn

    private func advance(at now: ContinuousClock.Instant) throws(AMQPError) {
        for (id, consumer) in registry.consumers {
            if consumer.needsNumber(at: now) { attach(consumer, at: now) }
            consumer.pump(at: now)
            for request in consumer.takeDueChanges() { control.submit(request) }
            consumer.flushAcknowledgements()
            consumer.handOver()
            if consumer.isEnded {
                if let number = consumer.number { channels.release(number) }
                mailbox.release(operations: consumer.takeFinished(), bytes: 0)
                registry.consumers[id] = nil
            }
        }
        if blockedReason == nil { control.pump(at: now) }
        var budget = Self.publicationsPerTurn
        for (id, publisher) in registry.publishers {
            if blockedReason == nil { budget -= try publisher.pump(at: now, budget: budget) }
            if publisher.isClosed {
                if let number = publisher.number { channels.release(number) }
                let (operations, bytes) = publisher.takeFinished()
                mailbox.release(operations: operations, bytes: bytes)
                registry.publishers[id] = nil
            }
        }
        if library.heartbeat > .zero && now >= wire.lastWrite + library.heartbeat / 2 && wire.pendingBytes == 0 {
            wire.heartbeat()
        }
    }

    private func releaseFinished() {
        var operations = control.takeFinished()
        var bytes = 0
        for publisher in registry.publishers.values {
            let finished = publisher.takeFinished()
            operations += finished.operations
            bytes += finished.bytes
        }
        for consumer in registry.consumers.values { operations += consumer.takeFinished() }
        mailbox.release(operations: operations, bytes: bytes)
    }

    // MARK: The clock

    private func checkClock(at now: ContinuousClock.Instant) throws(AMQPError) {
        if library.heartbeat > .zero && now > lastRead + library.heartbeat * 2 {
            throw AMQPError(.notConnected, "the broker was silent for two heartbeats")
        }
        for publisher in registry.publishers.values { publisher.expireBacklog(at: now) }
        if blockedReason != nil {
            for publisher in registry.publishers.values { publisher.expireConfirms(at: now) }
            if let deadline = control.deadline, deadline <= now { control.giveUpWaiting() }
            return
        }
        if let stalled = wire.stalledSince, now >= stalled + sendTimeout {
            throw AMQPError(.notConnected, "the broker took no bytes for \(sendTimeout)")
        }
        if let answered = registry.publishers.values.lazy.compactMap(\.latestAnswered).max() {
            for publisher in registry.publishers.values { publisher.expireConfirms(overtakenAt: answered, now: now) }
        }
        // One queue without a leader is no reason to take the others' subscriptions away.
        for consumer in registry.consumers.values {
            if let left = consumer.giveUpOverdue(at: now) { channels.abandon(left) }
        }
        if registry.publishers.values.contains(where: { $0.stuckDeadline.map { $0 <= now } ?? false }) {
            throw AMQPError(.notConnected, "the broker did not answer what was published for a minute")
        }
        if let deadline = channels.deadline, deadline <= now {
            throw AMQPError(.notConnected, "the broker did not answer within \(limits.operationTimeout)")
        }
    }

    /// - Returns: false when the connection is closed.
    private func continueClosing(at now: ContinuousClock.Instant) throws(AMQPError) -> Bool {
        switch stage {
        case .running:
            return true
        case .finishing(let until):
            let isIdle = control.isIdle && registry.publishers.values.allSatisfy(\.isIdle)
            guard isIdle || now >= until || blockedReason != nil else { return true }
            for consumer in registry.consumers.values { consumer.flushAcknowledgements() }
            wire.write(.connectionClose(code: 200, text: "done"), channel: 0)
            try wire.flush(at: now)
            stage = .closing(until: now + Self.closeLimit)
            return true
        case .closing(let until):
            return now < until
        }
    }
}
