import ChatContracts
import Logging
import MessageBus
import Metrics
import NIOCore
import ServiceLifecycle
import Synchronization

/// What is due regularly, by one clock for all streams, and the end of all of them.
extension LiveStreams: Service {
    /// Returns after a graceful shutdown has told every stream to come back later.
    func run() async throws {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.everySecond { await self.tick($0) } }
            // Apart from each other: one that waits for the database or for an answer must not hold up signs of life.
            tasks.addTask { await self.everySecond { _ in await self.closeEnded() } }
            tasks.addTask { await self.everySecond { await self.closeOutdated($0) } }
            tasks.addTask { await self.everySecond { await self.sendDigests($0) } }
            tasks.addTask { await self.trimMemory() }
        }
        drain()
        // The server waits for requests in progress, so a client that takes nothing must not hold it up.
        let deadline = ContinuousClock.now + configuration.drainLimit
        while count > 0, .now < deadline, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
        for stream in state.withLock({ $0.registry.all }) { stream.abort() }
    }

    private func trimMemory() async {
        let trimming = Mutex(MemoryTrimming())
        await everySecond { _ in
            let opened = self.state.withLock(\.opened)
            if trimming.withLock({ $0.isDue(opened: opened) }) { await MemoryTrimming.trim() }
        }
    }

    /// Calls `body` with 0, 1, 2 and so on, until the gateway stops.
    private func everySecond(_ body: @escaping @Sendable (Int) async -> Void) async {
        var second = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let current = second
            try? await cancelWhenGracefulShutdown {
                await body(current)
                try await Task.sleep(for: .seconds(1))
            }
            second += 1
        }
    }

    /// Signs of life, stalls, the ends of long lives, and what has piled up.
    func tick(_ second: Int, now: ContinuousClock.Instant = .now) async {
        let (due, resyncs, unneeded) = state.withLock { state in
            let due = state.registry.streams(inSignSlot: second % StreamRegistry.signSlots).map {
                ($0, state.deadlines[ObjectIdentifier($0)].map { $0 <= now } ?? true)
            }
            let resyncs = Array(state.resyncQueue.prefix(configuration.resyncsPerSecond))
            state.resyncQueue.removeFirst(resyncs.count)
            return (due, resyncs, state.bindings.expired(after: configuration.unbindDelay, now: now))
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
        closeUnvouched(now: now)
        await unbind(unneeded)
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

    /// Tells users who are due in this second how far their conversations are, so that a lost event shows.
    func sendDigests(_ second: Int) async {
        let interval = StreamRegistry.digestInterval / StreamRegistry.digestSlots
        guard second % interval == 0 else { return }
        let slot = second / interval % StreamRegistry.digestSlots
        var users = state.withLock { $0.registry.users(inDigestSlot: slot) }.flatMap(\.self)
        while !users.isEmpty {
            let part = Array(users.prefix(1_000))
            users.removeFirst(part.count)
            do {
                let heads = try await recentHeads(
                    RecentHeads(users: part, withinSeconds: configuration.digestWindow))
                for (user, heads) in heads where !heads.isEmpty {
                    offer(ServerSentEvent.digest(heads), to: state.withLock { $0.registry.streams(of: user) })
                }
            } catch {
                // The next round comes in half a minute, and a resync when the broker is back.
                return
            }
        }
    }

    /// Refuses new streams and ends all others, each told to come back after a random delay.
    func drain() {
        let streams = state.withLock { state in
            state.isDraining = true
            return state.registry.all
        }
        let longest = max(configuration.returnWithin.wholeMilliseconds, 500)
        for stream in streams {
            let delay = Duration.milliseconds(Int64.random(in: 500...longest))
            var last = ServerSentEvent.retry(after: delay)
            last.writeImmutableBuffer(ServerSentEvent.goodbye(after: delay))
            stream.finish(last)
        }
    }
}
