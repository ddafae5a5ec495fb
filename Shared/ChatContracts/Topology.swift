/// Every exchange, queue and routing key, named once.
///
/// `martlet-setup` declares what is durable; a gateway declares only its own two queues. All exchanges are direct.
public enum Topology {
    // MARK: Exchanges

    /// Commands and queries; the routing key is the name of the queue.
    public static let commandsExchange = "commands"
    /// Events; see ``Bucket`` and ``EventName`` for the keys.
    public static let eventsExchange = "events"
    /// Replies; the routing key is the instance name of the gateway that asked.
    public static let repliesExchange = "replies"
    /// What could not be processed; the routing key is the name of the dead-letter queue.
    public static let deadLettersExchange = "dead-letters"

    // MARK: Queues

    /// The number of shards of the message commands. Fixed: changing it means draining all shards first, because a
    /// conversation's commands must never wait in two queues at once.
    public static let shardCount = 8

    /// The command queue of one shard: quorum, single active consumer.
    public static func messageCommands(shard: Int) -> String { "messages.commands.\(shard)" }
    /// The shard that a conversation belongs to.
    public static func shard(of conversation: ConversationID) -> Int {
        Int(StableHash.fnv1a(conversation) % UInt64(shardCount))
    }
    /// Reads about conversations and messages; any replica answers.
    public static let messageQueries = "messages.queries"
    /// Changes to accounts; quorum, any replica takes them.
    public static let userCommands = "users.commands"
    /// Password checks, apart from the rest because each costs tens of milliseconds of a core.
    public static let userSignIns = "users.sign-ins"
    /// Look-ups and searches of accounts.
    public static let userQueries = "users.queries"
    /// Message commands that could not be processed.
    public static let messageDeadLetters = "messages.dead-letters"
    /// Account commands that could not be processed.
    public static let userDeadLetters = "users.dead-letters"

    /// The queue of a gateway's replies: exclusive, auto-delete.
    public static func gatewayReplies(instance: String) -> String { "gateway.\(instance).replies" }
    /// The queue of a gateway's events: exclusive, auto-delete, bounded, oldest dropped first.
    public static func gatewayEvents(instance: String) -> String { "gateway.\(instance).events" }

    // MARK: Event keys

    /// The routing key of events with a ``GroupAudience``, which every gateway hears.
    public static let groupsKey = "groups"
    /// The number of buckets that users are spread over, so that a gateway needs at most this many bindings.
    public static let bucketCount = 256
    /// The bucket of a user, `0..<256`.
    public static func bucket(of user: UserID) -> Int { Int(StableHash.fnv1a(user) % UInt64(bucketCount)) }
    /// The routing key of a bucket.
    public static func bucketKey(_ bucket: Int) -> String { "bucket.\(bucket)" }
}
