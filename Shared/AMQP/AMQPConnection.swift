public import Logging
public import ServiceLifecycle
internal import Synchronization

/// One connection to a broker, kept alive: lost connections are replaced, publishers and consumers carry on.
///
/// `run()` must be running for anything to happen. A dedicated thread owns the C library's connection; every method may
/// be called from any task and none blocks a thread.
public final class AMQPConnection: Service, Sendable {
    /// Where the connection stands.
    public enum State: Sendable {
        /// Not connected; trying. `lastError` tells why the latest attempt or connection ended.
        case connecting(lastError: AMQPError?)
        /// Usable. `generation` counts the connections made so far.
        case open(generation: Int)
        /// Connected, but the broker takes no publications at the moment.
        case blocked(generation: Int, reason: String)
        /// Ended for good.
        case closed
    }

    private let configuration: AMQPConfiguration
    private let logger: Logger
    private let mailbox: Mailbox
    private let status = ConnectionStatus()
    private let wasStarted = Atomic(false)
    private let lastID = Atomic(0)

    public init(configuration: AMQPConfiguration, logger: Logger) {
        precondition(!configuration.endpoints.isEmpty, "a connection needs at least one endpoint")
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: "connection"] = "\(configuration.connectionName)"
        self.logger = logger
        mailbox = Mailbox(capacity: configuration.mailboxCapacity, byteCapacity: configuration.mailboxBytes)
    }

    /// Connects and stays connected until graceful shutdown (confirms and acknowledgements are completed first, within
    /// `operationTimeout`) or cancellation. May be called once.
    public func run() async throws {
        guard !wasStarted.exchange(true, ordering: .relaxed) else {
            throw AMQPError(.invalidArgument, "a connection runs only once")
        }
        let (configuration, mailbox, status, logger) = (configuration, mailbox, status, logger)
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await ConnectionThread.run(named: "amqp-" + configuration.connectionName) {
                    ConnectionEngine(configuration: configuration, mailbox: mailbox, status: status, logger: logger)
                        .run()
                }
            } onGracefulShutdown: {
                mailbox.postControl(.shutDown(patience: true))
            }
        } onCancel: {
            mailbox.postControl(.shutDown(patience: false))
        }
    }

    public var state: State { status.state }

    /// The current state and every later one; a slow reader sees only the newest.
    public func states() -> AsyncStream<State> { status.states() }

    /// Returns as soon as the state is `open`.
    /// - Throws: `timedOut` (with the latest failure as `underlying`), `closed`, `cancelled`.
    public func waitUntilOpen(timeout: Duration) async throws(AMQPError) {
        let states = status.states()
        let outcome = await withTaskGroup(of: Result<Void, AMQPError>?.self) { group in
            group.addTask {
                for await state in states {
                    switch state {
                    case .open: return .success(())
                    case .closed: return .failure(AMQPError(.closed, "the connection was closed"))
                    case .connecting, .blocked: continue
                    }
                }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let outcome { return try outcome.get() }
        if Task.isCancelled { throw AMQPError(.cancelled, "the waiting task was cancelled") }
        var cause: AMQPError?
        if case .connecting(let lastError) = status.state { cause = lastError }
        throw AMQPError(.timedOut, "not connected within \(timeout)", underlying: cause)
    }

    /// Declares in order, once, now. The first refusal ends it.
    /// - Throws: `channelClosed` with the broker's reason, `notConnected`, `blocked`, `busy`, `outcomeUnknown`.
    public func declare(_ declarations: [AMQPDeclaration]) async throws(AMQPError) {
        guard !declarations.isEmpty else { return }
        _ = try await request(declarations.map { .declare($0) })
    }

    /// Deletes the queue; no error when there is none.
    /// - Returns: how many messages it held.
    @discardableResult
    public func deleteQueue(_ name: String) async throws(AMQPError) -> Int {
        if case .queueDeleteOK(let messages) = try await request([.queueDelete(name)]) { messages } else { 0 }
    }

    /// Removes the ready messages.
    /// - Returns: how many they were.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(AMQPError) -> Int {
        if case .queuePurgeOK(let messages) = try await request([.queuePurge(name)]) { messages } else { 0 }
    }

    /// Asks for the state of an existing queue; `channelClosed` with `replyCode` 404 when there is none.
    public func queueStatus(_ name: String) async throws(AMQPError) -> AMQPQueueStatus {
        guard
            case .queueDeclareOK(_, let messages, let consumers) =
                try await request([.declare(.passiveQueue(name: name))])
        else { return AMQPQueueStatus(messages: 0, consumers: 0) }
        return AMQPQueueStatus(messages: messages, consumers: consumers)
    }

    /// A publisher with a confirm-mode channel of its own, opened again on every reconnect. The channel is closed when
    /// the last reference to the publisher goes.
    public func makePublisher() -> AMQPPublisher {
        let id = PublisherID(number: lastID.wrappingAdd(1, ordering: .relaxed).newValue)
        mailbox.postControl(.openPublisher(id))
        return AMQPPublisher(id: id, mailbox: mailbox, operationTimeout: configuration.operationTimeout)
    }

    /// A consumer with a channel of its own, subscribed again after every loss. It is cancelled when the last reference
    /// to it and its events goes.
    public func makeConsumer(_ configuration: AMQPConsumerConfiguration) -> AMQPConsumer {
        let id = ConsumerID(number: lastID.wrappingAdd(1, ordering: .relaxed).newValue)
        let stream = ConsumerStream(configuration: configuration)
        mailbox.postControl(.openConsumer(id, stream))
        return AMQPConsumer(id: id, stream: stream, mailbox: mailbox)
    }

    private func request(_ methods: [OutgoingMethod]) async throws(AMQPError) -> IncomingMethod {
        if let flaw = methods.lazy.compactMap(\.flaw).first { throw AMQPError(.invalidArgument, flaw) }
        let operation = PendingOperation<IncomingMethod>()
        try mailbox.post(
            .request(ControlRequest(methods: methods, operation: operation)), operations: methods.count)
        return try await operation.value()
    }
}
