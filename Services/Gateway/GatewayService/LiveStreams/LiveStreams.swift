import ChatContracts
import Hummingbird
import Logging
import MessageBus
import Metrics
import NIOCore
import Synchronization

/// All live streams of this gateway. Events come from ``EventDelivery``; this hands them to the streams of their
/// recipients.
final class LiveStreams: Sendable {
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

    /// Asks how far conversations have come, for each of the users.
    typealias RecentHeadsQuery = @Sendable (RecentHeads) async throws -> [UserID: [ConversationID: Int64]]

    struct State {
        var registry = StreamRegistry()
        var bindings = BucketBindings()
        var deadlines: [ObjectIdentifier: ContinuousClock.Instant] = [:]
        /// Streams that were opened since the start.
        var opened = 0
        /// Streams that still have to be told to sync.
        var resyncQueue: [LiveStream] = []
        /// Events about changed passwords may have been missed.
        var mustAskForAllCredentials = false
        var isDraining = false
    }

    let configuration: Configuration
    let recentHeads: RecentHeadsQuery
    let buckets: Buckets
    let credentials: CredentialVersions
    private let watch: SessionWatch
    let logger: Logger
    let state = Mutex(State())
    let measures = StreamMeasures()

    init(
        configuration: Configuration = Configuration(), buckets: Buckets, credentials: CredentialVersions,
        logger: Logger, recentHeads: @escaping RecentHeadsQuery, existingSessions: @escaping SessionWatch.LookUp
    ) {
        self.configuration = configuration
        self.recentHeads = recentHeads
        self.buckets = buckets
        self.credentials = credentials
        self.logger = logger
        watch = SessionWatch(slots: StreamRegistry.signSlots, logger: logger, lookUp: existingSessions)
    }

    var count: Int { state.withLock { $0.registry.count } }

    // MARK: Opening

    /// The answer to a request for a stream. The stream exists from the moment that its body begins to be written.
    ///
    /// - Parameter release: Tells a page whether it is of the release that this gateway serves.
    func response(
        for session: Session, on connection: Connection, release: String
    ) throws(Problem) -> Response {
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
                await self.open(for: session, on: connection, release: release)
                try await writer.finish(nil)
            })
        response.headers[.accelBuffering] = "no"
        return response
    }

    /// Registers a stream and hands it over to its connection, whose handler reports its end.
    private func open(for session: Session, on connection: Connection, release: String) async {
        let stream = LiveStream(
            session: session, channel: connection.channel, limits: configuration.limits
        ) { [self] in close($0) }
        guard await open(stream, until: session.expiresAt, release: release) else { return }
        // The session may have ended between its check and the registration, when nobody could have closed this stream.
        let isAllowed = await watch.allows(stream.session)
        if isAllowed, !credentials.isOutdated(stream.credentialVersion, of: stream.user) {
            connection.hand(over: stream)
        } else {
            close(stream)
        }
    }

    private func open(_ stream: LiveStream, until expiry: Timestamp, release: String) async -> Bool {
        let bucket = Topology.bucket(of: stream.user)
        let life = min(
            configuration.longestLife * Double.random(in: 0.5...1),
            .milliseconds(max(0, expiry.milliseconds - Timestamp.now.milliseconds)))
        let mustBind = state.withLock { state -> Bool? in
            guard !state.isDraining, let isFirst = state.registry.insert(stream, caps: configuration.caps) else {
                return nil
            }
            state.opened += 1
            state.deadlines[ObjectIdentifier(stream)] = .now + life
            if isFirst { return state.bindings.retain(bucket) }
            return !state.bindings.isBound(bucket)
        }
        guard let mustBind else { return false }
        measures.setOpen(count)
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
        stream.offer(ServerSentEvent.retry(after: .milliseconds(Int64.random(in: 1_000...3_000))))
        stream.offer(ServerSentEvent.alive)
        stream.offer(ServerSentEvent.release(release))
        return true
    }

    private func close(_ stream: LiveStream) {
        state.withLock { state in
            state.deadlines[ObjectIdentifier(stream)] = nil
            if state.registry.remove(stream) {
                state.bindings.release(Topology.bucket(of: stream.user), now: .now)
            }
        }
        measures.setOpen(count)
    }

    // MARK: Delivering

    /// Hands events to the streams of their recipients. Never waits.
    func deliver(_ batch: EventBatch) {
        for event in batch.events {
            let streams = state.withLock { state in event.recipients.flatMap { state.registry.streams(of: $0) } }
            guard !streams.isEmpty else { continue }
            offer(ServerSentEvent.event(event.name, data: event.data), to: streams)
        }
    }

    func offer(_ frame: ByteBuffer, to streams: [LiveStream]) {
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

    // MARK: Ended sessions

    /// Closes the streams of sessions that have ended.
    func close(sessions keys: [SessionKey]) {
        let streams = state.withLock { $0.registry.streams(ofSessions: Set(keys)) }
        for stream in streams { stream.finish() }
    }

    /// Whether the endings of sessions on other gateways are heard of from now on. To be told again after some were missed
    /// in between.
    func setHearing(_ isHearing: Bool) {
        watch.setHearing(isHearing)
        if isHearing { state.withLock { $0.mustAskForAllCredentials = true } }
        // Before anything else is heard that they must not get any more.
        closeUnvouched()
    }

    /// Closes the streams of sessions that ended unheard.
    func closeEnded(now: ContinuousClock.Instant = .now) async {
        let ended = await watch.lookForEnded(now: now) { slots in
            state.withLock { state in Set(slots.flatMap { state.registry.streams(inSignSlot: $0) }.map(\.session)) }
        }
        if !ended.isEmpty { close(sessions: ended) }
    }

    /// Closes the streams of sessions that may have ended without anybody being able to tell.
    func closeUnvouched(now: ContinuousClock.Instant = .now) {
        let slots = watch.takeUnvouched(now: now)
        guard !slots.isEmpty else { return }
        let streams = state.withLock { state in slots.flatMap { state.registry.streams(inSignSlot: $0) } }
        guard !streams.isEmpty else { return }
        for stream in streams { stream.finish() }
        measures.unvouched.increment(by: Int64(streams.count))
        logger.warning(
            "Live streams were closed: neither the database nor the broker can tell whether their sessions go on",
            metadata: ["count": "\(streams.count)"])
    }
}

extension Problem {
    static let tooManyStreams = Problem(
        .tooManyRequests, .tooManyStreams, "This browser or account has too many live streams open.", retryAfter: 15)
}
