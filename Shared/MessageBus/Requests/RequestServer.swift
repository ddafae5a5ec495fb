import AMQP
public import ChatContracts
import LogKeys
public import Logging
public import ServiceLifecycle
import Synchronization

/// Answers the requests of one queue, several at a time and in no particular order.
///
/// What a handler returns is the reply; a ``Fault`` that it throws is the refusal. Both settle the request. Any other
/// error means that the outcome is unknown and gives no reply: a command goes back to the queue after a delay that
/// doubles each time, and the queue's delivery limit ends what never works. A query changes nothing, so it is refused
/// as `unavailable` at once.
/// A command of a broker user who may not send commands is dead-lettered, a query of such a user dropped; neither is
/// answered. A malformed command is dead-lettered with its reason. A malformed query is only refused, because it may hold a
/// password and nobody would repeat it. Neither harms its neighbours.
public final class RequestServer: Service, Sendable {
    typealias Handler = @Sendable (CommandDelivery) async throws -> [UInt8]

    private let bus: MessageBus
    private let queue: String
    private let prefetch: Int
    private let deadLetterQueue: String
    private let logger: Logger
    private let consumer: AMQPConsumer
    private let slots: WorkSlots
    private let handlers = Mutex<[String: Handler]>([:])
    private let costly: CostlyRequests<Arrival>
    private let generation = Atomic(0)
    private let isStopping = Atomic(false)
    private let watchRhythm: ConsumerWatch.Rhythm

    /// - Parameters:
    ///   - prefetch: How many requests the broker may hand out before the first is settled; those that wait to go back
    ///     count as well.
    ///   - concurrency: How many handlers run at once.
    ///   - deadLetterQueue: Where malformed commands go.
    public convenience init(
        bus: MessageBus, queue: String, prefetch: Int, concurrency: Int, deadLetterQueue: String, logger: Logger
    ) {
        self.init(
            bus: bus, queue: queue, prefetch: prefetch, concurrency: concurrency, deadLetterQueue: deadLetterQueue,
            watchRhythm: .init(), logger: logger)
    }

    init(
        bus: MessageBus, queue: String, prefetch: Int, concurrency: Int, deadLetterQueue: String,
        watchRhythm: ConsumerWatch.Rhythm, logger: Logger
    ) {
        self.watchRhythm = watchRhythm
        self.bus = bus
        self.queue = queue
        self.prefetch = prefetch
        self.deadLetterQueue = deadLetterQueue
        self.logger = logger
        slots = WorkSlots(concurrency)
        // Half of what the broker hands out may wait for its turn; the other half is for everybody else.
        costly = CostlyRequests(waitingAtMost: max(1, prefetch / 2))
        consumer = bus.consuming.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: prefetch))
    }

    /// Registers the handler of one type of request. Call it before ``run()``; a second one for a type replaces the
    /// first.
    ///
    /// - Parameters:
    ///   - limit: How many of this type run at once, below the concurrency of all: others then always find room. Further
    ///     ones wait, up to half the prefetch; beyond that they are refused as `busy`. Nil for no limit of its own. Only
    ///     for queries.
    ///   - encode: writes a reply as one line of JSON; its `Codable` conformance does unless given
    public func handle<R: ServiceRequest>(
        _ type: R.Type, atMost limit: Int? = nil, encode: (@Sendable (R.Reply) -> [UInt8])? = nil,
        _ handler: @escaping @Sendable (R, RequestContext) async throws -> R.Reply
    ) {
        let erased: Handler = { delivery in
            let request = try Self.request(R.self, in: delivery)
            let reply = try await handler(request, delivery.context)
            return try encode?(reply) ?? JSONCoding.encode(reply)
        }
        handlers.withLock { $0[R.typeName] = erased }
        if let limit { costly.limit(R.typeName, to: limit) }
    }

    private static func request<R: ServiceRequest>(
        _ type: R.Type, in delivery: CommandDelivery
    ) throws(MalformedRequest) -> R {
        do {
            return try delivery.decode(type)
        } catch {
            throw MalformedRequest(fault: error)
        }
    }

    /// Whether requests can be received right now.
    public var isSubscribed: Bool { consumer.isSubscribed }

    /// Serves until a graceful shutdown, which lets running handlers finish, or cancellation.
    public func run() async throws {
        // Bounded by the prefetch: what has not been settled is all that the broker hands out.
        let (deliveries, inlet) = AsyncStream.makeStream(of: Arrival.self)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.receive(into: inlet) }
                group.addTask { await self.watch.run() }
                for await arrival in deliveries {
                    if isStopping.load(ordering: .acquiring) { break }
                    await start(arrival, in: &group, through: inlet)
                }
                await slots.waitUntilIdle()
                await consumer.cancel()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.isStopping.store(true, ordering: .releasing)
            inlet.finish()
        }
    }

    private func start(
        _ arrival: Arrival, in group: inout DiscardingTaskGroup, through inlet: AsyncStream<Arrival>.Continuation
    ) async {
        let type = arrival.delivery.message.properties.type ?? ""
        guard arrival.delivery.generation == generation.load(ordering: .acquiring) else {
            if arrival.hasTurn, let next = costly.end(type) { inlet.yield(next.withTurn) }
            return
        }
        let isCostly: Bool
        // Who may not ask takes nobody's turn and gets no answer, not even that there are too many.
        let mayAsk = bus.configuration.refusal(ofAsker: arrival.delivery.message.properties.userID) == nil
        switch arrival.hasTurn ? .runs : mayAsk ? costly.admit(arrival, type) : .hasNoLimit {
        case .hasNoLimit: isCostly = false
        case .runs: isCostly = true
        case .waits: return
        case .isOneTooMany:
            bus.metrics.handled(type: type, .refused, after: .zero)
            let fault = Fault(.busy, "Too many of these requests are waiting. Try again in a moment.")
            send(.fault(fault), for: CommandDelivery(arrival.delivery))
            return consumer.acknowledge(arrival.delivery)
        }
        await slots.acquire()
        group.addTask {
            await self.serve(arrival)
            if isCostly, let next = self.costly.end(type) { inlet.yield(next.withTurn) }
        }
    }

    private var watch: ConsumerWatch {
        ConsumerWatch(consumer: consumer, rhythm: watchRhythm, bus: bus, logger: logger)
    }

    private func receive(into inlet: AsyncStream<Arrival>.Continuation) async {
        for await event in consumer.events {
            switch event {
            case .subscribed(let generation): self.generation.store(generation, ordering: .releasing)
            case .lost(let error):
                generation.store(-1, ordering: .releasing)
                bus.metrics.subscriptionLost(queue: queue, error)
            case .deliveries(let deliveries):
                bus.metrics.delivered(deliveries, from: queue)
                let now = ContinuousClock.now
                for delivery in deliveries { inlet.yield(Arrival(delivery: delivery, time: now)) }
            }
        }
        inlet.finish()
    }

    // MARK: One request

    private func serve(_ arrival: Arrival) async {
        let origin = arrival.delivery
        let delivery = CommandDelivery(origin, checkedBy: bus.configuration)
        await delivery.context.run { await serve(delivery, origin, arrival.time) }
    }

    private func serve(
        _ delivery: CommandDelivery, _ origin: AMQPDelivery, _ arrival: ContinuousClock.Instant
    ) async {
        let isQuery = !origin.message.properties.persistent
        let handler = handlers.withLock { $0[delivery.type] }
        let type = handler == nil ? "unknown" : delivery.type
        let start = ContinuousClock.now
        var result: BusMetrics.HandlingResult
        var holdsSlot = true
        do {
            if let refusal = delivery.refusal { throw RefusedSender(reason: refusal) }
            guard let handler else { throw MalformedRequest(fault: Fault(.invalid, "No such type of request.")) }
            if isQuery, start - arrival > delivery.context.timeout {
                result = .late
                consumer.acknowledge(origin)
            } else {
                let reply = try await handler(delivery)
                result = .replied
                send(.value(reply), for: delivery)
                consumer.acknowledge(origin)
            }
        } catch let fault as Fault {
            result = .refused
            send(.fault(fault), for: delivery)
            consumer.acknowledge(origin)
        } catch let sender as RefusedSender {
            result = .malformed
            bus.metrics.disbelieved("request")
            await reject(origin, delivery, sender.reason, isQuery: isQuery, reply: nil)
        } catch let malformed as MalformedRequest {
            result = .malformed
            let field = malformed.fault.field.map { " Field: \($0)" } ?? ""
            await reject(
                origin, delivery, malformed.fault.message + field, isQuery: isQuery, reply: malformed.fault)
        } catch {
            result = .failed
            slots.release()
            holdsSlot = false
            await requeue(origin, delivery, error, isQuery: isQuery)
        }
        bus.metrics.handled(type: type, result, after: ContinuousClock.now - start)
        if holdsSlot { slots.release() }
    }

    private func reject(
        _ origin: AMQPDelivery, _ delivery: CommandDelivery, _ reason: String, isQuery: Bool, reply: Fault?
    ) async {
        logger.error(
            reply == nil ? "A request of an unknown sender is not carried out." : "A request is malformed.",
            metadata: [
                LogKey.queue: "\(queue)", LogKey.requestType: "\(delivery.type.prefix(64))", LogKey.reason: "\(reason)",
                LogKey.correlationID: "\(delivery.correlationID.prefix(64))",
            ])
        if !isQuery {
            do {
                try await bus.deadLetter(origin, to: deadLetterQueue, reason: reason)
            } catch {
                return await requeue(origin, delivery, error, isQuery: false)
            }
        }
        if let reply { send(.fault(reply), for: delivery) }
        consumer.acknowledge(origin)
    }

    private func requeue(
        _ origin: AMQPDelivery, _ delivery: CommandDelivery, _ error: any Error, isQuery: Bool
    ) async {
        guard !Task.isCancelled else { return }
        logger.warning(
            "A request could not be handled.",
            metadata: [
                LogKey.queue: "\(queue)", LogKey.requestType: "\(delivery.type.prefix(64))",
                LogKey.deliveryCount: "\(delivery.deliveryCount)", LogKey.error: "\(error)",
            ])
        if isQuery {
            send(.fault(Fault(.unavailable, "This cannot be answered at the moment. Try again soon.")), for: delivery)
            consumer.acknowledge(origin)
            return
        }
        var wait = Self.delay(beforeDelivery: delivery.deliveryCount + 1)
        while wait > .zero, !isStopping.load(ordering: .acquiring), !Task.isCancelled {
            let step = min(wait, .milliseconds(100))
            try? await Task.sleep(for: step)
            wait -= step
        }
        consumer.reject(origin, requeue: true)
    }

    /// 0.1 s, doubling up to 15 s, and up to half as much again at random: a queue with a delivery limit of 20 bridges
    /// about four minutes.
    static func delay(beforeDelivery count: Int) -> Duration {
        let base = min(.milliseconds(100) * (1 << min(count - 1, 10)), Duration.seconds(15))
        return base + base * Double.random(in: 0...0.5)
    }

    private func send(_ outcome: OutgoingReply.Outcome, for delivery: CommandDelivery) {
        guard let asker = delivery.replyTo else { return }
        let reply = OutgoingReply(replyTo: asker, correlationID: delivery.correlationID, outcome: outcome)
        bus.send(replies: [reply], over: bus.replies, logger: logger)
    }
}

private struct Arrival: Sendable {
    var delivery: AMQPDelivery
    var time: ContinuousClock.Instant
    /// Whether it is one of those of its type that may run.
    var hasTurn = false

    var withTurn: Arrival {
        var arrival = self
        arrival.hasTurn = true
        return arrival
    }
}

/// A request of somebody who may not ask.
private struct RefusedSender: Error {
    var reason: String
}

/// A request that no repetition makes readable.
private struct MalformedRequest: Error {
    var fault: Fault
}
