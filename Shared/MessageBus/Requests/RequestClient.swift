import AMQP
public import ChatContracts
import JSON
import LogKeys
public import Logging
public import ServiceLifecycle
import Synchronization

/// Asks other services and waits for their replies.
///
/// Every call ends: with the reply, with the fault that the service answered, or with what is known otherwise. At most
/// `maximumInFlight` calls wait at once; more are refused as `notSent`. One process has one client for an instance name.
public final class RequestClient: Service, Sendable {
    private typealias Pending = PendingRequests<@Sendable (CallOutcome) -> Void, ContinuousClock.Instant>

    private let bus: MessageBus
    private let instance: String
    private let logger: Logger
    private let publisher: QueuePublisher
    private let consumer: AMQPConsumer
    private let bindingRenewal: Duration
    private let pending: Mutex<Pending>
    /// Says that there is a deadline to watch again.
    private let busy: (signals: AsyncStream<Void>, signal: AsyncStream<Void>.Continuation)
    private let isClosing = Atomic(false)

    /// How late a call may notice its deadline.
    private static let tick: Duration = .milliseconds(20)

    /// - Parameters:
    ///   - instance: The name that replies are sent to; the bus's own if nil.
    ///   - bindingRenewal: How often the binding for replies is made again, in case that somebody has taken it away.
    public init(
        bus: MessageBus, instance: String? = nil, maximumInFlight: Int = 1024,
        bindingRenewal: Duration = .seconds(5), logger: Logger
    ) {
        self.bindingRenewal = bindingRenewal
        let instance = instance ?? bus.configuration.instance
        self.bus = bus
        self.instance = instance
        self.logger = logger
        publisher = QueuePublisher(connection: bus.publishing)
        let queue = Topology.gatewayReplies(instance: instance)
        consumer = bus.consuming.makeConsumer(
            AMQPConsumerConfiguration(
                queue: queue, prefetch: 1_000, noAck: true, exclusive: true,
                declarations: [
                    .queue(
                        name: queue, durable: false, exclusive: true, autoDelete: true,
                        arguments: [
                            "x-max-length": 20_000, "x-max-length-bytes": .int(64 << 20), "x-overflow": "drop-head",
                            "x-message-ttl": 30_000,
                        ]),
                    .binding(queue: queue, exchange: Topology.repliesExchange, routingKey: instance),
                ], avoidsLock: true))
        pending = Mutex(Pending(capacity: maximumInFlight, firstID: UInt64.random(in: 0...UInt64.max >> 1)))
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        busy = (signals, signal)
    }

    /// Receives replies and ends calls that are overdue. A graceful shutdown refuses new calls and waits for those that
    /// are under way; cancellation ends them as `outcomeUnknown`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.receiveReplies() }
            group.addTask { await self.watchDeadlines() }
            group.addTask { await self.renewal.run() }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return }
                self.isClosing.store(true, ordering: .releasing)
                while !Task.isCancelled, self.pending.withLock({ $0.count }) > 0 {
                    try? await Task.sleep(for: Self.tick)
                }
                await self.consumer.cancel()
            }
            await group.next()
            group.cancelAll()
        }
        isClosing.store(true, ordering: .releasing)
        await consumer.cancel()
        endAll("the process stops")
    }

    private var renewal: BindingRenewal {
        BindingRenewal(
            consumer: consumer, exchange: Topology.repliesExchange, interval: bindingRenewal, bus: bus, logger: logger
        ) { [self.instance] }
    }

    /// Whether replies can be received right now.
    public var isSubscribed: Bool { consumer.isSubscribed }

    /// Calls that wait at this moment.
    public var callsInFlight: Int { pending.withLock { $0.count } }

    // MARK: Calling

    /// Sends a request to a queue and waits for its reply.
    ///
    /// - Parameters:
    ///   - queue: One of ``Topology``'s queues.
    ///   - context: By default the running task's own request; its timeout bounds the whole call.
    public func call<R: ServiceRequest>(
        _ request: R, queue: String, form: RequestForm, context: RequestContext? = nil
    ) async throws(BusError) -> R.Reply {
        let line = try await perform(request, queue, form, context)
        do {
            return try JSONCoding.decode(R.Reply.self, from: line)
        } catch {
            logger.error("A reply cannot be read.", metadata: [LogKey.requestType: "\(R.typeName)"])
            throw BusError(.malformedReply, "the reply to \(R.typeName) cannot be read", cause: error)
        }
    }

    /// Like ``call(_:queue:form:context:)``, but answers with the reply's line of JSON as the service wrote it.
    public func callRaw<R: ServiceRequest>(
        _ request: R, queue: String, form: RequestForm, context: RequestContext? = nil
    ) async throws(BusError) -> [UInt8] {
        Array(try await perform(request, queue, form, context))
    }

    /// Like ``callRaw(_:queue:form:context:)`` for a caller without a task.
    ///
    /// - Parameter completion: Called once, on any thread, maybe before this returns. It must not block.
    public func callRaw<R: ServiceRequest>(
        _ request: R, queue: String, form: RequestForm, context: RequestContext,
        completion: @escaping @Sendable (Result<ArraySlice<UInt8>, BusError>) -> Void
    ) {
        let start = ContinuousClock.now
        let finish: @Sendable (CallOutcome) -> Void = { [self] outcome in
            completion(result(of: outcome, R.typeName, start))
        }
        switch begin(request, queue, form, context, start) {
        case .failure(let error): finish(.failed(error))
        case .success(let call):
            publish(call.publication, call.id, R.typeName, form)
            if let outcome = pending.withLock({ $0.wait(call.id, finish) }) { finish(outcome) }
        }
    }

    private func perform<R: ServiceRequest>(
        _ request: R, _ queue: String, _ form: RequestForm, _ context: RequestContext?
    ) async throws(BusError) -> ArraySlice<UInt8> {
        let start = ContinuousClock.now
        let outcome = await outcome(of: request, queue, form, RequestContext.outgoing(context), start)
        return try result(of: outcome, R.typeName, start).get()
    }

    /// What the caller is told, counted.
    private func result(
        of outcome: CallOutcome, _ type: String, _ start: ContinuousClock.Instant
    ) -> Result<ArraySlice<UInt8>, BusError> {
        let result: BusMetrics.RequestResult
        defer { bus.metrics.requestEnded(type: type, result, after: ContinuousClock.now - start) }
        switch outcome {
        case .reply(let line):
            result = .replied
            return .success(line)
        case .failed(let error):
            switch error.kind {
            case .refused: result = .refused
            case .notSent: result = .notSent
            case .outcomeUnknown: result = .unknown
            case .malformedReply: result = .malformedReply
            }
            return .failure(error)
        }
    }

    private func outcome<R: ServiceRequest>(
        of request: R, _ queue: String, _ form: RequestForm, _ context: RequestContext, _ start: ContinuousClock.Instant
    ) async -> CallOutcome {
        switch begin(request, queue, form, context, start) {
        case .failure(let error): return .failed(error)
        case .success(let call):
            return await withTaskCancellationHandler {
                publish(call.publication, call.id, R.typeName, form)
                return await withCheckedContinuation { continuation in
                    let waiter: @Sendable (CallOutcome) -> Void = { continuation.resume(returning: $0) }
                    if let outcome = pending.withLock({ $0.wait(call.id, waiter) }) { waiter(outcome) }
                }
            } onCancel: {
                let error = BusError(.outcomeUnknown, "the caller stopped waiting", cause: CancellationError())
                _ = end(call.id, .failed(error))
            }
        }
    }

    /// A call that is known, and that nobody was asked yet.
    private struct Call {
        var id: UInt64
        var publication: AMQPPublication
    }

    private func begin<R: ServiceRequest>(
        _ request: R, _ queue: String, _ form: RequestForm, _ context: RequestContext, _ start: ContinuousClock.Instant
    ) -> Result<Call, BusError> {
        guard !isClosing.load(ordering: .acquiring) else { return .failure(BusError(.notSent, "the process stops")) }
        guard consumer.isSubscribed else {
            return .failure(BusError(.notSent, "replies cannot be received: \(bus.checkReady() ?? "not subscribed")"))
        }
        let body: [UInt8]
        do {
            body = try request.directJSON ?? JSONCoding.encode(request)
        } catch {
            return .failure(BusError(.notSent, "a \(R.typeName) cannot be written", cause: error))
        }
        guard let id = pending.withLock({ $0.begin(deadline: start + context.timeout) }) else {
            return .failure(BusError(.notSent, "too many calls are under way"))
        }
        busy.signal.yield()
        return .success(Call(id: id, publication: publication(R.typeName, body, id, queue, form, context)))
    }

    private func publication(
        _ type: String, _ body: [UInt8], _ id: UInt64, _ queue: String, _ form: RequestForm, _ context: RequestContext
    ) -> AMQPPublication {
        let correlationID = String(id, radix: 16)
        let properties = AMQPProperties(
            contentType: "application/json", type: type, messageID: "\(instance).\(correlationID)",
            correlationID: correlationID, replyTo: instance, userID: bus.configuration.username,
            appID: bus.configuration.service, persistent: form == .command,
            expiration: form == .query ? context.timeout : nil, headers: MessageHeaders.headers(for: context))
        return AMQPPublication(
            exchange: Topology.commandsExchange, routingKey: queue, mandatory: true,
            message: AMQPMessage(properties: properties, body: body))
    }

    /// A reply may be faster than the broker's confirm, which then only counts.
    private func publish(_ publication: AMQPPublication, _ id: UInt64, _ type: String, _ form: RequestForm) {
        let kind: BusMetrics.Publication = form == .command ? .command : .query
        let queue = publication.routingKey
        publisher.publish(publication) { [self] outcome in
            switch outcome {
            case .success:
                bus.metrics.published(kind, .confirmed)
                if form == .command { pending.withLock { $0.accept(id) } }
            case .failure(let error):
                let failure = BusError(error, "a \(type) did not surely reach \(queue)")
                bus.metrics.published(kind, failure.outcomeUnknown ? .unknown : .notSent)
                _ = end(id, .failed(failure))
            }
        }
    }

    // MARK: Ending calls

    /// - Returns: Whether the call was still under way.
    private func end(_ id: UInt64, _ outcome: CallOutcome) -> Bool {
        switch pending.withLock({ $0.end(id, outcome) }) {
        case .resume(let waiter):
            waiter(outcome)
            return true
        case .kept: return true
        case .late: return false
        }
    }

    private func endAll(_ message: String, cause: (any Error)? = nil) {
        let outcome = Self.unknown(message, cause: cause)
        for (waiter, isAccepted) in pending.withLock({ $0.endAll(outcome) }) {
            waiter(outcome(isAccepted))
        }
    }

    private static func unknown(_ message: String, cause: (any Error)? = nil)
        -> @Sendable (_ isAccepted: Bool) -> CallOutcome
    {
        { isAccepted in
            var error = BusError(.outcomeUnknown, message, cause: cause)
            error.isAccepted = isAccepted
            return .failed(error)
        }
    }

    private func watchDeadlines() async {
        let overdue = Self.unknown("no reply came in time")
        for await _ in busy.signals {
            // Also when the call is over already: otherwise the deadlines of quick calls would pile up.
            repeat {
                try? await Task.sleep(for: Self.tick)
                for (waiter, isAccepted) in pending.withLock({ $0.expire(now: ContinuousClock.now, overdue) }) {
                    waiter(overdue(isAccepted))
                }
            } while !Task.isCancelled && pending.withLock { $0.count } > 0
        }
    }

    private func receiveReplies() async {
        for await event in consumer.events {
            switch event {
            case .subscribed: break
            case .deliveries(let deliveries):
                for delivery in deliveries { receive(delivery) }
            case .lost(let error):
                bus.metrics.subscriptionLost(queue: "replies")
                endAll("the queue of replies was lost", cause: error)
            }
        }
    }

    private func receive(_ delivery: AMQPDelivery) {
        guard bus.believes(delivery, of: "reply", logger: logger) else { return }
        let frame: ReplyFrame
        do {
            frame = try ReplyFrame(decoding: delivery.message.body)
        } catch {
            bus.metrics.malformedFrame()
            logger.error(
                "A message of replies cannot be read.", metadata: [LogKey.queue: "\(delivery.queue)"])
            return
        }
        for (correlationID, reply) in frame.replies {
            let outcome: CallOutcome =
                switch reply {
                case .value(let line): .reply(line)
                case .fault(let fault): .failed(BusError(.refused(fault), fault.message))
                case .malformed: .failed(BusError(.malformedReply, "the reply has no body or an unknown fault"))
                }
            if let id = UInt64(correlationID, radix: 16), end(id, outcome) { continue }
            bus.metrics.lateReply()
        }
    }
}
