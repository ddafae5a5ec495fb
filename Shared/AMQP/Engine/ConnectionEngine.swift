internal import Glibc
internal import Logging

/// What the connection's thread does for its whole life: connect, serve, pause, connect again.
final class ConnectionEngine {
    private let configuration: AMQPConfiguration
    private let mailbox: Mailbox
    private let status: ConnectionStatus
    private let logger: Logger
    private let registry: ChannelRegistry
    private let limits: Limits
    private var reconnection: Reconnection
    private var commands: [Command] = []
    private var generation = 0
    private var isShuttingDown = false
    private var endpoints: [AMQPConfiguration.Endpoint]
    private var nextEndpoint = 0
    /// Since when the latest connection was open; nil if none came to be.
    private var openedAt: ContinuousClock.Instant?
    private var lastFailure: String?

    init(configuration: AMQPConfiguration, mailbox: Mailbox, status: ConnectionStatus, logger: Logger) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.status = status
        self.logger = logger
        limits = Limits(
            operationTimeout: configuration.operationTimeout, reconnectDelay: configuration.reconnectDelay)
        registry = ChannelRegistry(limits: limits, logger: logger)
        endpoints = configuration.endpoints.shuffled()
        reconnection = Reconnection(
            hosts: configuration.endpoints.count, delay: configuration.reconnectDelay,
            healthyAfter: configuration.operationTimeout)
    }

    func run() {
        while !isShuttingDown {
            applyWhileDisconnected()
            if isShuttingDown { break }
            do throws(AMQPError) {
                let endpoint = endpoints[nextEndpoint % endpoints.count]
                nextEndpoint += 1
                let library = try LibraryConnection(to: endpoint, configuration: configuration)
                try serve(library, endpoint)
            } catch {
                log(error)
                status.change(to: .connecting(lastError: error))
                pause()
            }
        }
        finish()
    }

    private func serve(_ library: LibraryConnection, _ endpoint: AMQPConfiguration.Endpoint) throws(AMQPError) {
        generation += 1
        lastFailure = nil
        let generation = generation
        logger.info("connected to the broker", metadata: ["endpoint": "\(endpoint)", "generation": "\(generation)"])
        let session = Session(
            library: library, mailbox: mailbox, registry: registry, limits: limits,
            sendTimeout: configuration.sendTimeout, logger: logger
        ) { [mailbox, status] reason in
            if let reason {
                mailbox.admit(.blocked(reason: reason))
                status.change(to: .blocked(generation: generation, reason: reason))
            } else {
                mailbox.admit(.open)
                status.change(to: .open(generation: generation))
            }
        }
        mailbox.admit(.open)
        status.change(to: .open(generation: generation))
        openedAt = .now
        let end = session.run(&commands)
        switch end {
        case .closedOnRequest:
            mailbox.admit(.closed)
            isShuttingDown = true
            session.abandon(AMQPError(.closed, "the connection was closed"))
        case .lost(let error):
            mailbox.admit(session.isClosing ? .closed : .notConnected)
            if session.isClosing { isShuttingDown = true } else { status.change(to: .connecting(lastError: error)) }
            session.abandon(error)
            if !isShuttingDown { throw error }
        }
    }

    /// Warns of each kind of failure once, not of every attempt that ends the same.
    private func log(_ error: AMQPError) {
        let text = "\(error)"
        logger.log(
            level: text == lastFailure ? .debug : .warning, "no connection to the broker",
            metadata: ["error": "\(text)"])
        lastFailure = text
    }

    /// Waits as long as what has just ended demands.
    private func pause() {
        var generator = SystemRandomNumberGenerator()
        let now = ContinuousClock.now
        let pause =
            openedAt.map { reconnection.broke(after: now - $0, using: &generator) }
            ?? reconnection.failed(using: &generator)
        openedAt = nil
        let until = now + pause
        while !isShuttingDown {
            let rest = until - ContinuousClock.now
            guard rest > .zero else { return }
            var descriptor = pollfd(fd: mailbox.wake.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, rest.pollMilliseconds) > 0 { mailbox.wake.clear() }
            applyWhileDisconnected()
        }
    }

    private func applyWhileDisconnected() {
        mailbox.take(&commands)
        let now = ContinuousClock.now
        for command in commands {
            switch command {
            case .openPublisher(let id): _ = registry.addPublisher(id)
            case .closePublisher(let id): registry.publishers[id] = nil
            case .openConsumer(let id, let stream): _ = registry.addConsumer(id, stream: stream)
            case .publish(_, let publications):
                refuse(publications)
            case .request(let request):
                request.operation.finish(.failure(Self.unreachable))
                mailbox.release(operations: request.methods.count, bytes: 0)
            case .bind(let id, let change):
                remember(change, for: id)
            case .forgetBindings(let id, let bindings): registry.consumers[id]?.forget(bindings)
            case .cancelConsumer(let id, let operation):
                registry.consumers[id]?.cancel(operation, at: now)
                operation.finish(.success(()))
                registry.consumers[id] = nil
            case .settle, .resubscribe, .renew: break
            case .shutDown:
                mailbox.admit(.closed)
                isShuttingDown = true
            }
        }
    }

    private func refuse(_ publications: [QueuedPublication]) {
        for queued in publications { queued.observer.finish(.failure(Self.unreachable)) }
        mailbox.release(operations: publications.count, bytes: publications.reduce(0) { $0 + $1.bodySize })
    }

    private func remember(_ change: BindingChange, for id: ConsumerID) {
        if let consumer = registry.consumers[id] {
            _ = consumer.change(change)
            mailbox.release(operations: consumer.takeFinished(), bytes: 0)
        } else {
            change.operation.finish(.failure(AMQPError(.closed, "the consumer was cancelled")))
            mailbox.release(operations: change.cost, bytes: 0)
        }
    }

    private func finish() {
        mailbox.admit(.closed)
        applyWhileDisconnected()
        registry.finish(at: .now)
        status.change(to: .closed)
        logger.info("the connection to the broker is closed")
    }

    private static var unreachable: AMQPError {
        AMQPError(.notConnected, "there is no connection to the broker")
    }
}
