import ChatContracts
import Logging
import MessageBus
import Metrics
import ServiceLifecycle
import Synchronization

/// Hands events of groups to the streams of their members. Who the members are is asked of the messages service when an
/// event names a later version of them than is known here.
final class GroupDelivery: Service {
    /// Asks for the members of a group; nil if there is no such group.
    typealias LookUp = @Sendable (ConversationID) async throws -> GroupMembersList?

    /// How often the members are asked for before what waits for them is given up.
    private static let attempts = 3
    /// Look-ups at the same time.
    private static let concurrency = 16

    private let lookUp: LookUp
    private let deliver: @Sendable (EventBatch) -> Void
    /// Tells the streams of these users, or all of them for nil, to sync.
    private let resync: @Sendable ([UserID]?) -> Void
    private let hasStreams: @Sendable () -> Bool
    private let logger: Logger
    private let audiences = Mutex(GroupAudiences())
    private let asked: AsyncStream<ConversationID>
    private let ask: AsyncStream<ConversationID>.Continuation
    private let drops: AsyncStream<Void>
    private let drop: AsyncStream<Void>.Continuation
    private let lookUps = Counter(label: "martlet_gateway_group_lookups")
    private let failures = Counter(label: "martlet_gateway_group_lookups_failed")

    init(
        logger: Logger, hasStreams: @escaping @Sendable () -> Bool, deliver: @escaping @Sendable (EventBatch) -> Void,
        resync: @escaping @Sendable ([UserID]?) -> Void, lookUp: @escaping LookUp
    ) {
        self.logger = logger
        self.hasStreams = hasStreams
        self.deliver = deliver
        self.resync = resync
        self.lookUp = lookUp
        // At most one entry for each group with waiting events, whose number is bounded.
        (asked, ask) = AsyncStream.makeStream()
        (drops, drop) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks members up until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                tasks.addTask { await self.tellOfDrops() }
                let slots = AsyncStream<Void>.makeStream()
                for _ in 0..<Self.concurrency { slots.continuation.yield() }
                var free = slots.stream.makeAsyncIterator()
                for await id in self.asked {
                    guard await free.next() != nil else { return }
                    tasks.addTask {
                        await self.answer(id)
                        slots.continuation.yield()
                    }
                }
            }
        }
    }

    /// Delivers an event with an audience now, or as soon as its members are known.
    func take(_ event: EventBatch.Event, for audience: GroupAudience) {
        guard hasStreams() else { return }
        audiences.withLock { audiences in
            switch audiences.take(event, for: audience) {
            case .deliver(let event): pass([event])
            case .wait(let asks): if asks { ask.yield(audience.conversation) }
            case .drop: drop.yield()
            }
        }
    }

    /// Has all streams sync after events were dropped, at most once a second.
    private func tellOfDrops() async {
        for await _ in drops {
            resync(nil)
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func answer(_ id: ConversationID) async {
        for attempt in 1...Self.attempts {
            lookUps.increment()
            do {
                guard let list = try await lookUp(id) else {
                    return audiences.withLock { $0.forget(id) }
                }
                // Delivered under the lock, so that nothing that comes meanwhile overtakes.
                let asksAgain = audiences.withLock { audiences in
                    let (events, asksAgain) = audiences.take(list, of: id)
                    pass(events)
                    return asksAgain
                }
                if asksAgain { ask.yield(id) }
                return
            } catch {
                failures.increment()
                logger.warning("The members of a group could not be asked for.", metadata: ["error": "\(error)"])
                if attempt < Self.attempts { try? await Task.sleep(for: .milliseconds(Int.random(in: 100...500))) }
            }
        }
        audiences.withLock { $0.forget(id) }
        // To everybody: who was added since is not known.
        drop.yield()
    }

    private func pass(_ events: [EventBatch.Event]) {
        guard !events.isEmpty else { return }
        for event in events where event.name == EventName.resync { resync(event.recipients) }
        deliver(EventBatch(events: events.filter { $0.name != EventName.resync }))
    }
}
