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
    }

    /// Looks members up until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
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
        switch audiences.withLock({ $0.take(event, for: audience) }) {
        case .deliver(let event): pass([event])
        case .wait(let asks): if asks { ask.yield(audience.conversation) }
        case .drop: resync(nil)
        }
    }

    private func answer(_ id: ConversationID) async {
        lookUps.increment()
        do {
            guard let list = try await lookUp(id) else {
                return audiences.withLock { $0.forget(id) }
            }
            let (events, asksAgain) = audiences.withLock { $0.take(list, of: id) }
            pass(events)
            if asksAgain { ask.yield(id) }
        } catch {
            failures.increment()
            logger.warning(
                "The members of a group could not be asked for; they are told to sync.", metadata: ["error": "\(error)"]
            )
            resync(audiences.withLock { $0.fail(id) })
        }
    }

    private func pass(_ events: [EventBatch.Event]) {
        guard !events.isEmpty else { return }
        for event in events where event.name == EventName.resync { resync(event.recipients) }
        deliver(EventBatch(events: events.filter { $0.name != EventName.resync }))
    }
}
