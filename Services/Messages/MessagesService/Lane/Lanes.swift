import ChatContracts
import Logging
import MessageBus
import MongoStore
import ServiceLifecycle
import Synchronization

/// All lanes of this replica.
final class Lanes: Service {
    struct Shape: Sendable {
        /// Lanes; the shards are dealt out to them.
        var lanes: Int
        var batch: Int
        var prefetch: Int
        var rememberedConversations: Int
        var eventPatience: Duration
    }

    private let shape: Shape
    private let bus: MessageBus
    private let store: MessageStore
    private let database: MongoDatabase
    private let variant: MessagesVariant
    private let debt: ResyncDebt
    private let metrics: MessagesMetrics
    private let logger: Logger
    private let subscriptions = Mutex<[CommandSubscription]>([])

    init(
        shape: Shape, bus: MessageBus, store: MessageStore, database: MongoDatabase, variant: MessagesVariant,
        debt: ResyncDebt, metrics: MessagesMetrics, logger: Logger
    ) {
        self.shape = shape
        self.bus = bus
        self.store = store
        self.database = database
        self.variant = variant
        self.debt = debt
        self.metrics = metrics
        self.logger = logger
    }

    /// Why not every shard is subscribed to; nil if all are.
    var reason: String? {
        subscriptions.withLock { subscriptions in
            let missing = Topology.shardCount - subscriptions.count { $0.isSubscribed }
            return missing == 0 ? nil : "\(missing) of \(Topology.shardCount) shards are not subscribed"
        }
    }

    func run() async throws {
        var byLane: [[Lane.Shard]] = Array(repeating: [], count: shape.lanes)
        // The first to subscribe to a shard is its active consumer. Replicas that start together begin at different
        // shards, so that each becomes active for some.
        let offset = Int.random(in: 0..<Topology.shardCount)
        for index in 0..<Topology.shardCount {
            let shard = (index + offset) % Topology.shardCount
            let subscription = CommandSubscription(
                bus: bus, queue: Topology.messageCommands(shard: shard), prefetch: shape.prefetch,
                deadLetterQueue: Topology.messageDeadLetters, logger: logger)
            subscriptions.withLock { $0.append(subscription) }
            byLane[shard % shape.lanes].append(Lane.Shard(number: shard, subscription: subscription))
        }
        var bounds = LanePlanner<CommandDelivery>.Bounds()
        bounds.batch = shape.batch
        bounds.conversations = max(1, shape.rememberedConversations / shape.lanes)
        await withDiscardingTaskGroup { group in
            for (number, shards) in byLane.enumerated() where !shards.isEmpty {
                let executor = LaneStepExecutor(
                    lane: number, shards: shards, store: store, database: database,
                    publisher: LanePublisher(
                        publisher: BusPublisher(bus: bus, logger: logger), patience: shape.eventPatience,
                        logger: logger),
                    metrics: metrics, logger: logger)
                let lane = Lane(
                    number: number, shards: shards, bounds: bounds, executor: variant.executor(executor),
                    database: database, debt: debt, metrics: metrics, logger: logger)
                group.addTask { [variant] in await variant.run(lane) }
            }
        }
    }
}
