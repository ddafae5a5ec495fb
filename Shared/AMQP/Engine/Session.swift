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

    private enum Stage {
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
    private let mailbox: Mailbox
    private let limits: Limits
    private let sendTimeout: Duration
    private let logger: Logger
    private let roster: Roster
    private let control: ControlChannel
    private let onBlocked: (String?) -> Void
    private var numbers: ChannelNumbers
    private var owners: [UInt16: any ChannelOwner] = [:]
    private var assemblers: [UInt16: FrameAssembler] = [:]
    private var stage = Stage.running
    private var blockedReason: String?
    private var lastRead: ContinuousClock.Instant
    private var mayHaveInput = true
    private var hasMoreToWrite = false
    private var closeWasAnswered = false
    private var closeReason: CloseReason?

    init(
        library: LibraryConnection, mailbox: Mailbox, roster: Roster, limits: Limits, sendTimeout: Duration,
        logger: Logger, onBlocked: @escaping (String?) -> Void
    ) {
        self.library = library
        self.mailbox = mailbox
        self.roster = roster
        self.limits = limits
        self.sendTimeout = sendTimeout
        self.logger = logger
        self.onBlocked = onBlocked
        wire = Wire(library: library)
        numbers = ChannelNumbers(maximum: UInt16(clamping: library.channelMax))
        let controlNumber = numbers.take() ?? 1
        control = ControlChannel(wire: wire, number: controlNumber, limits: limits)
        owners[controlNumber] = control
        lastRead = .now
    }

    var isClosing: Bool {
        if case .running = stage { false } else { true }
    }

    /// Serves until the end. `abandon` has to follow.
    func run(_ commands: inout [Command]) -> End {
        let now = ContinuousClock.now
        for publisher in roster.publishers.values where !publisher.isClosing { attach(publisher, at: now) }
        for consumer in roster.consumers.values { attach(consumer, at: now) }
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
        for publisher in roster.publishers.values { publisher.disconnected(cause) }
        for consumer in roster.consumers.values { consumer.disconnected(cause) }
        releaseFinished()
        roster.removeEnded()
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
            && roster.publishers.values.contains(where: \.canWrite)
        releaseFinished()
        try checkClock(at: now)
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
        for owner in owners.values {
            if let deadline = owner.deadline { next = min(next, deadline) }
        }
        for consumer in roster.consumers.values {
            if let retryAt = consumer.retryAt { next = min(next, retryAt) }
        }
        for publisher in roster.publishers.values {
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
        let assembled: FrameAssembler.Assembled?
        switch frame {
        case .method(let method):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(method)
        case .header(let properties, let bodySize):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(
                header: properties, bodySize: bodySize)
        case .body(let fragment):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(body: fragment)
        }
        guard let assembled, let owner = owners[channel] else { return }
        try owner.receive(assembled, at: now)
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
            for publisher in roster.publishers.values { publisher.failBacklog(error) }
        case .connectionUnblocked:
            guard blockedReason != nil else { return }
            logger.info("the broker takes publications again")
            blockedReason = nil
            for owner in owners.values { owner.postpone(to: now + limits.operationTimeout) }
            if case .running = stage { onBlocked(nil) }
        default:
            break
        }
    }

    // MARK: Commands

    private func apply(_ command: Command, at now: ContinuousClock.Instant) {
        switch command {
        case .openPublisher(let id):
            let publisher = roster.addPublisher(id)
            attach(publisher, at: now)
        case .closePublisher(let id):
            roster.publishers[id]?.close()
        case .publish(let id, let publications):
            roster.publish(publications, with: id, on: mailbox)
            if let blockedReason {
                roster.publishers[id]?.failBacklog(
                    AMQPError(.blocked, "the broker takes no publications: \(blockedReason)"))
            }
        case .request(let request):
            control.submit(request)
        case .openConsumer(let id, let stream):
            attach(roster.addConsumer(id, stream: stream), at: now)
        case .settle(let id, let generation, let settlement):
            roster.consumers[id]?.settle(settlement, generation: generation)
        case .bind(let id, let change):
            guard let consumer = roster.consumers[id] else {
                change.operation.finish(.failure(AMQPError(.closed, "the consumer was cancelled")))
                mailbox.release(operations: change.cost, bytes: 0)
                return
            }
            if let request = consumer.change(change) { control.submit(request) }
        case .forgetBindings(let id, let bindings):
            roster.consumers[id]?.forget(bindings)
        case .resubscribe(let id):
            roster.consumers[id]?.resubscribe(at: now)
        case .cancelConsumer(let id, let operation):
            if let consumer = roster.consumers[id] {
                consumer.cancel(operation, at: now)
            } else {
                operation.finish(.success(()))
            }
        case .shutDown(let patience):
            mailbox.admit(.closed)
            stage = patience ? .finishing(until: now + limits.operationTimeout) : .finishing(until: now)
        }
    }

    private func attach(_ publisher: PublisherChannel, at now: ContinuousClock.Instant) {
        guard let number = numbers.take() else {
            logger.error("no channel number is left for a publisher")
            return
        }
        owners[number] = publisher
        publisher.connected(wire, number: number, at: now)
    }

    private func attach(_ consumer: ConsumerChannel, at now: ContinuousClock.Instant) {
        guard let number = numbers.take() else {
            logger.error("no channel number is left for a consumer")
            return
        }
        owners[number] = consumer
        consumer.connected(wire, number: number, at: now)
    }

    private func detach(_ number: UInt16) {
        owners[number] = nil
        assemblers[number] = nil
        numbers.giveBack(number)
    }

    // MARK: Everybody's turn

    private func advance(at now: ContinuousClock.Instant) throws(AMQPError) {
        for (id, consumer) in roster.consumers {
            consumer.pump(at: now)
            for request in consumer.takeDueChanges() { control.submit(request) }
            consumer.flushAcknowledgements()
            consumer.handOver()
            if consumer.isEnded {
                if let number = consumer.number { detach(number) }
                roster.consumers[id] = nil
            }
        }
        if blockedReason == nil { control.pump(at: now) }
        var budget = Self.publicationsPerTurn
        for (id, publisher) in roster.publishers {
            if blockedReason == nil { budget -= try publisher.pump(at: now, budget: budget) }
            if publisher.isClosed {
                if let number = publisher.number { detach(number) }
                let (operations, bytes) = publisher.takeFinished()
                mailbox.release(operations: operations, bytes: bytes)
                roster.publishers[id] = nil
            }
        }
        if library.heartbeat > .zero && now >= wire.lastWrite + library.heartbeat / 2 && wire.pendingBytes == 0 {
            wire.heartbeat()
        }
    }

    private func releaseFinished() {
        var operations = control.takeFinished()
        var bytes = 0
        for publisher in roster.publishers.values {
            let finished = publisher.takeFinished()
            operations += finished.operations
            bytes += finished.bytes
        }
        for consumer in roster.consumers.values { operations += consumer.takeFinished() }
        mailbox.release(operations: operations, bytes: bytes)
    }

    // MARK: The clock

    private func checkClock(at now: ContinuousClock.Instant) throws(AMQPError) {
        if library.heartbeat > .zero && now > lastRead + library.heartbeat * 2 {
            throw AMQPError(.notConnected, "the broker was silent for two heartbeats")
        }
        for publisher in roster.publishers.values { publisher.expireBacklog(at: now) }
        if blockedReason != nil {
            for publisher in roster.publishers.values { publisher.expireConfirms(at: now) }
            if let deadline = control.deadline, deadline <= now { control.giveUpWaiting() }
            return
        }
        if let stalled = wire.stalledSince, now >= stalled + sendTimeout {
            throw AMQPError(.notConnected, "the broker took no bytes for \(sendTimeout)")
        }
        for owner in owners.values {
            if let deadline = owner.deadline, deadline <= now {
                throw AMQPError(.notConnected, "the broker did not answer within \(limits.operationTimeout)")
            }
        }
    }

    /// - Returns: false when the connection is closed.
    private func continueClosing(at now: ContinuousClock.Instant) throws(AMQPError) -> Bool {
        switch stage {
        case .running:
            return true
        case .finishing(let until):
            let isIdle = control.isIdle && roster.publishers.values.allSatisfy(\.isIdle)
            guard isIdle || now >= until || blockedReason != nil else { return true }
            for consumer in roster.consumers.values { consumer.flushAcknowledgements() }
            wire.write(.connectionClose(code: 200, text: "done"), channel: 0)
            try wire.flush(at: now)
            stage = .closing(until: now + Self.closeLimit)
            return true
        case .closing(let until):
            return now < until
        }
    }
}
