import ChatContracts
import Hummingbird
import Logging
import MessageBus
import Metrics
import NIOCore
import ServiceLifecycle
import Synchronization

#if PlantedMistakes
    import ServiceKit
#endif

/// All live streams of this gateway. Events come from ``EventDelivery``; this hands them to the streams of their
/// recipients and does what is due regularly, on one timer for all streams.
///
/// `run()` returns after a graceful shutdown has told every stream to come back later.
final class LiveStreams: Service, Sendable {
    struct Configuration: Sendable {
        var limits = StreamBuffer.Limits()
        var caps = StreamRegistry.Caps()
        /// A stream whose client takes nothing for this long is closed.
        var stallLimit: Duration = .seconds(15)
        /// How long an unneeded bucket stays bound.
        var unbindDelay: Duration = .seconds(120)
        /// Seconds back that digests look. A change that is older has been in many digests already.
        var digestWindow = 900
        /// Longest life of a stream, so that cookies are looked at again; each gets between half of it and all of it.
        var longestLife: Duration = .seconds(4 * 3_600)
        /// Streams that are told to sync within one second.
        var resyncsPerSecond = 200
        /// How long streams may take to end when the gateway stops.
        var drainLimit: Duration = .seconds(3)
        /// Clients come back within this time after a restart of the gateway.
        var returnWithin: Duration = .seconds(10)
    }

    /// What the hub needs of the event subscription.
    struct Buckets: Sendable {
        var bind: @Sendable (Int) async throws -> Void
        var unbind: @Sendable (Int) async throws -> Void
    }

    private struct State {
        var registry = StreamRegistry()
        var bindings = BucketBindings()
        var deadlines: [ObjectIdentifier: ContinuousClock.Instant] = [:]
        /// Streams that still have to be told to sync.
        var resyncQueue: [LiveStream] = []
        var isDraining = false
    }

    private let configuration: Configuration
    private let requests: any Requests
    private let buckets: Buckets
    private let endedSessions: @Sendable ([SessionKey]) async -> [SessionKey]
    private let logger: Logger
    private let state = Mutex(State())
    private let measures = StreamMeasures()

    init(
        configuration: Configuration = Configuration(), requests: any Requests, buckets: Buckets, logger: Logger,
        endedSessions: @escaping @Sendable ([SessionKey]) async -> [SessionKey]
    ) {
        self.configuration = configuration
        self.requests = requests
        self.buckets = buckets
        self.logger = logger
        self.endedSessions = endedSessions
    }

    var count: Int { state.withLock { $0.registry.count } }

    // MARK: Opening

    /// The answer to a request for a stream. The stream exists from the moment that its body begins to be written.
    func response(for session: Session, on connection: Connection) throws(Problem) -> Response {
        // Registered by the body, because only its end is certain to be heard of; checked here as well, because only
        // here it can still be refused.
        let refusal = state.withLock { state -> Problem? in
            if state.isDraining { return .unavailable("This server is stopping; it") }
            return state.registry.hasRoom(user: session.user, session: session.key, caps: configuration.caps)
                ? nil : .tooManyStreams
        }
        if let refusal { throw refusal }
        var response = Response(
            status: .ok,
            // Nothing that comes after the request is looked at, so no other can follow on the connection.
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: .init { writer in
                await self.open(for: session, on: connection)
                try await writer.finish(nil)
            })
        response.headers[.accelBuffering] = "no"
        return response
    }

    /// Registers a stream and hands it over to its connection, whose handler reports its end.
    private func open(for session: Session, on connection: Connection) async {
        let stream = LiveStream(
            user: session.user, session: session.key, channel: connection.channel, limits: configuration.limits
        ) { [self] in close($0) }
        guard await open(stream, until: session.expiresAt) else { return }
        // The session may have ended between its check and the registration, when nobody could have closed this stream.
        if await endedSessions([stream.session]).isEmpty {
            connection.hand(over: stream)
        } else {
            close(stream)
        }
    }

    private func open(_ stream: LiveStream, until expiry: Timestamp) async -> Bool {
        let bucket = Topology.bucket(of: stream.user)
        let life = min(
            configuration.longestLife * Double.random(in: 0.5...1),
            .milliseconds(max(0, expiry.milliseconds - Timestamp.now.milliseconds)))
        let mustBind = state.withLock { state -> Bool? in
            guard !state.isDraining, let isFirst = state.registry.insert(stream, caps: configuration.caps) else {
                return nil
            }
            state.deadlines[ObjectIdentifier(stream)] = .now + life
            if isFirst { return state.bindings.retain(bucket) }
            return !state.bindings.isBound(bucket)
        }
        guard let mustBind else { return false }
        measures.opened(count: count)
        if mustBind {
            do {
                try await buckets.bind(bucket)
                state.withLock { $0.bindings.bound(bucket) }
            } catch {
                // The binding is remembered and made when the broker is back, which is followed by a resync.
                logger.debug("A bucket could not be bound yet", metadata: ["bucket": "\(bucket)", "error": "\(error)"])
            }
        }
        // What the client syncs after it has seen this is certain to cover what it does not get as events.
        stream.offer(EventFrame.retry(after: .milliseconds(Int64.random(in: 1_000...3_000))))
        stream.offer(EventFrame.alive)
        return true
    }

    private func close(_ stream: LiveStream) {
        state.withLock { state in
            state.deadlines[ObjectIdentifier(stream)] = nil
            if state.registry.remove(stream) {
                state.bindings.release(Topology.bucket(of: stream.user), now: .now)
            }
        }
        measures.closed(count: count)
    }

    // MARK: Delivering

    /// Hands events to the streams of their recipients. Never waits.
    func deliver(_ batch: EventBatch) {
        for event in batch.events {
            let streams = state.withLock { state in event.recipients.flatMap { state.registry.streams(of: $0) } }
            guard !streams.isEmpty else { continue }
            offer(EventFrame.event(event.name, data: event.data), to: streams)
        }
    }

    private func offer(_ frame: ByteBuffer, to streams: [LiveStream]) {
        for stream in streams {
            switch stream.offer(frame) {
            case .queued: measures.delivered.increment()
            case .overflowed(let dropped):
                measures.dropped.increment(by: Int64(dropped))
                measures.resyncs.increment()
            case .covered: measures.dropped.increment()
            case .refused: break
            }
        }
    }

    /// Tells the streams of these users, or all of them for nil, to sync: a few at once, more spread over seconds.
    func resync(_ users: [UserID]? = nil) {
        state.withLock { state in
            let streams = users.map { $0.flatMap { state.registry.streams(of: $0) } } ?? state.registry.all
            guard streams.count > configuration.resyncsPerSecond || !state.resyncQueue.isEmpty else {
                for stream in streams where stream.requireResync() { measures.resyncs.increment() }
                return
            }
            let queued = Set(state.resyncQueue.map(ObjectIdentifier.init))
            state.resyncQueue += streams.filter { !queued.contains(ObjectIdentifier($0)) }.shuffled()
        }
    }

    /// Closes the streams of sessions that have ended.
    func close(sessions keys: [SessionKey]) {
        let streams = state.withLock { $0.registry.streams(ofSessions: Set(keys)) }
        for stream in streams { stream.finish() }
    }

    // MARK: What is due regularly

    func run() async throws {
        var second = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await tick(second)
            second += 1
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
        drain()
        // The server waits for requests in progress, so a client that takes nothing must not hold it up.
        let deadline = ContinuousClock.now + configuration.drainLimit
        while count > 0, .now < deadline, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
        for stream in state.withLock({ $0.registry.all }) { stream.abort() }
    }

    /// The work of one second.
    func tick(_ second: Int, now: ContinuousClock.Instant = .now) async {
        let slots = StreamRegistry.signSlots
        let (due, others, resyncs, unneeded) = state.withLock { state in
            let due = state.registry.streams(inSignSlot: second % slots).map {
                ($0, state.deadlines[ObjectIdentifier($0)].map { $0 <= now } ?? true)
            }
            let others = state.registry.streams(inSignSlot: (second + slots / 2) % slots)
            let resyncs = Array(state.resyncQueue.prefix(configuration.resyncsPerSecond))
            state.resyncQueue.removeFirst(resyncs.count)
            return (due, others, resyncs, state.bindings.expired(after: configuration.unbindDelay, now: now))
        }
        for stream in resyncs where stream.requireResync() { measures.resyncs.increment() }
        for (stream, isOver) in due {
            if stream.isStalled(for: configuration.stallLimit, now: now) {
                measures.stalled.increment()
                stream.abort()
            } else if isOver {
                stream.finish()
            } else {
                stream.offerSignOfLife()
            }
        }
        await unbind(unneeded)
        if second % (30 / StreamRegistry.digestSlots) == 0 {
            await sendDigests(slot: second / (30 / StreamRegistry.digestSlots) % StreamRegistry.digestSlots)
        }
        // Other gateways tell when sessions end, unless they cannot. So it is also looked, twice in each turn: nobody may
        // go on listening for longer than that.
        await closeEnded(of: due.map(\.0) + others)
    }

    private func unbind(_ expired: [Int]) async {
        for bucket in expired {
            do {
                try await buckets.unbind(bucket)
            } catch {
                logger.debug("A bucket could not be unbound", metadata: ["bucket": "\(bucket)", "error": "\(error)"])
            }
            // Somebody may have come between the decision and the unbinding.
            guard state.withLock({ $0.bindings.isNeeded(bucket) }) else { continue }
            try? await buckets.bind(bucket)
            state.withLock { $0.bindings.bound(bucket) }
            // Between the two they may have missed something, although they were told that they hear everything.
            resync(state.withLock { $0.registry.all.map(\.user).filter { Topology.bucket(of: $0) == bucket } })
        }
    }

    private func sendDigests(slot: Int) async {
        #if PlantedMistakes
            if PlantedMistake.withholdsDigests { return }
        #endif
        var users = state.withLock { $0.registry.users(inDigestSlot: slot) }
        while !users.isEmpty {
            let part = Array(users.prefix(1_000))
            users.removeFirst(part.count)
            do {
                let answer = try await requests.call(
                    RecentHeads(users: part, withinSeconds: configuration.digestWindow),
                    context: .background(timeout: .seconds(3)))
                for (user, heads) in answer.heads where !heads.isEmpty {
                    offer(EventFrame.digest(heads), to: state.withLock { $0.registry.streams(of: user) })
                }
            } catch {
                // The next round comes in half a minute, and a resync when the broker is back.
                return
            }
        }
    }

    private func closeEnded(of streams: [LiveStream]) async {
        #if PlantedMistakes
            // The second line of defence would mend within seconds what this mistake does.
            if PlantedMistake.revocationNotPublished.isMade { return }
        #endif
        var keys = Array(Set(streams.map(\.session)))
        while !keys.isEmpty {
            let part = Array(keys.prefix(1_000))
            keys.removeFirst(part.count)
            let ended = await endedSessions(part)
            if !ended.isEmpty { close(sessions: ended) }
        }
    }

    // MARK: Stopping

    /// Refuses new streams and ends all others, each told to come back after a random delay.
    func drain() {
        let streams = state.withLock { state in
            state.isDraining = true
            return state.registry.all
        }
        let longest = max(configuration.returnWithin.wholeMilliseconds, 500)
        for stream in streams {
            let delay = Duration.milliseconds(Int64.random(in: 500...longest))
            var last = EventFrame.retry(after: delay)
            last.writeImmutableBuffer(EventFrame.goodbye(after: delay))
            stream.finish(last)
        }
    }
}

extension Problem {
    static let tooManyStreams = Problem(
        .tooManyRequests, .tooManyStreams, "This browser or account has too many live streams open.", retryAfter: 15)
}

/// What is counted about streams.
private struct StreamMeasures: Sendable {
    let open = Gauge(label: "martlet_gateway_live_streams")
    let delivered = Counter(label: "martlet_gateway_events_delivered")
    let dropped = Counter(label: "martlet_gateway_events_dropped")
    let resyncs = Counter(label: "martlet_gateway_resyncs")
    let stalled = Counter(label: "martlet_gateway_streams_stalled")

    func opened(count: Int) { open.record(count) }
    func closed(count: Int) { open.record(count) }
}
