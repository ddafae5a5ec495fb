import BrokerAdministration
import ChatContracts
import Foundation
import Logging
import MessageBus
import MongoStore
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import MessagesService

/// The service as it runs in production, in this process, and what a gateway would ask it with.
struct RunningMessages: Sendable {
    let client: RequestClient
    let bus: MessageBus
    let store: MessageStore
    let database: MongoDatabase
    let broker: BrokerAccess
    let access: DatabaseAccess
    let events: SeenEvents

    /// The machine may be doing much else.
    static var patient: RequestContext { .background(timeout: .seconds(20)) }

    @discardableResult
    func open(_ user: UserID, _ other: UserID) async throws -> Conversation {
        try await client.call(
            OpenDirectConversation(user: user, other: other),
            queue: Self.queue(.direct(user, other)), form: .command, context: Self.patient)
    }

    /// Opens the conversation from both sides, so that either may write first.
    func openForBoth(_ one: UserID, _ other: UserID) async throws {
        try await open(one, other)
        try await open(other, one)
    }

    @discardableResult
    func send(
        _ text: String, by user: UserID, in conversation: ConversationID, id: ClientMessageID = .random(),
        timeout: Duration = .seconds(20)
    ) async throws -> Message {
        try await client.call(
            SendMessage(conversation: conversation, sender: user, clientMessageId: id, text: text),
            queue: Self.queue(conversation), form: .command, context: .background(timeout: timeout))
    }

    func setPosition(
        _ conversation: ConversationID, _ user: UserID, received: Int64? = nil, read: Int64? = nil,
        unreadMarks: Int64? = nil
    ) async throws -> PositionChanged {
        try await client.call(
            SetPosition(
                conversation: conversation, user: user, received: received, read: read, unreadMarks: unreadMarks),
            queue: Self.queue(conversation), form: .command, context: Self.patient)
    }

    func markUnread(
        _ conversation: ConversationID, _ user: UserID, from: Int64, marks: Int64
    ) async throws -> PositionChanged {
        try await client.call(
            MarkUnread(conversation: conversation, user: user, from: from, unreadMarks: marks),
            queue: Self.queue(conversation), form: .command, context: Self.patient)
    }

    @discardableResult
    func choose(_ command: ChangeConversationSettings) async throws -> ConversationSettings? {
        try await client.call(
            command, queue: Self.queue(command.conversation), form: .command, context: Self.patient
        ).settings
    }

    func query<Request: ServiceRequest>(_ request: Request) async throws -> Request.Reply {
        try await client.call(request, queue: Topology.messageQueries, form: .query, context: Self.patient)
    }

    func get(_ conversation: ConversationID, _ user: UserID) async throws -> Conversation {
        try await query(GetConversation(user: user, conversation: conversation))
    }

    /// Everything that is stored of a conversation, in the order of its numbers.
    func stored(_ conversation: ConversationID) async throws -> [Message] {
        try await store.messages(of: conversation, after: 0, through: .max - 1, oldestFirst: true, limit: 100_000)
    }

    /// Takes a queue away, as somebody might by mistake.
    func deleteQueue(_ name: String) async throws {
        try await broker.administration.deleteQueue(name, in: broker.virtualHost)
    }

    static func queue(_ conversation: ConversationID) -> String {
        Topology.messageCommands(shard: Topology.shard(of: conversation))
    }
}

/// Collects the events of all buckets.
final class SeenEvents: Sendable {
    struct Event: Sendable {
        var name: String
        var recipients: [UserID]
        var audience: GroupAudience?
        var data: [UInt8]
    }

    private let seen = Mutex<[Event]>([])

    func add(_ batch: EventBatch) {
        seen.withLock { seen in
            for event in batch.events {
                seen.append(
                    Event(
                        name: event.name, recipients: event.recipients, audience: event.audience,
                        data: Array(event.data)))
            }
        }
    }

    func all(_ name: String) -> [Event] { seen.withLock { $0.filter { $0.name == name } } }

    func messages(of conversation: ConversationID) throws -> [Message] {
        try all(EventName.messageSent)
            .map { try JSONDecoder().decode(Message.self, from: Data($0.data)) }
            .filter { $0.conversation == conversation }
    }
}

/// Runs the service on a virtual host and a database of its own.
func withMessagesService(
    flags: [String] = [], replicas: Int = 1, _ body: @Sendable (RunningMessages) async throws -> Void
) async throws {
    try await withVirtualHost { broker in
        try await withDatabase { database in
            try await withMessagesService(broker: broker, database: database, flags: flags, replicas: replicas, body)
        }
    }
}

/// Runs replicas of the service on a given virtual host and database, and a gateway's side of the bus.
func withMessagesService(
    broker: BrokerAccess, database: DatabaseAccess, flags: [String] = [], replicas: Int = 1,
    _ body: @Sendable (RunningMessages) async throws -> Void
) async throws {
    var logger = Logger(label: "messages-tests")
    logger.logLevel = .critical
    let gateway = BusConfiguration(
        endpoints: [.init(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost,
        username: broker.username, password: broker.password, service: "gateway")
    try await Turns.topology.take { try await declareTopology(gateway, logger: logger) }
    let bus = MessageBus(configuration: gateway, logger: logger)
    let client = RequestClient(bus: bus, logger: logger)
    let subscription = EventSubscription(
        bus: bus,
        keys: [
            EventName.messageSent, EventName.messageChanged, EventName.positionChanged, EventName.conversationOpened,
            EventName.conversationSettings, EventName.conversationClosed, EventName.resync,
        ], logger: logger)
    let events = SeenEvents()
    var services: [any Service] = [bus, client, subscription]
    var runtimes: [ServiceRuntime] = []
    for _ in 0..<replicas {
        let runtime = try makeRuntime(broker: broker, database: database, flags: flags, logger: logger)
        services += try await buildMessagesService(runtime)
        runtimes.append(runtime)
    }
    var configuration = database.configuration
    configuration.threads = 2
    let own = try MongoDatabase(configuration: configuration, logger: logger)
    let group = ServiceGroup(
        configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
    let running = RunningMessages(
        client: client, bus: bus, store: MessageStore(database: own), database: own, broker: broker, access: database,
        events: events)
    let result: Result<Void, any Error>
    do {
        result = .success(
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask {
                    for await event in subscription.events {
                        if case .events(let batch) = event { events.add(batch) }
                    }
                }
                do {
                    try await eventually("the gateway's bus is ready") {
                        client.isSubscribed && bus.isReady && subscription.isSubscribed
                    }
                    try await eventually("the service is ready") {
                        for runtime in runtimes where await !runtime.readiness.report().isReady { return false }
                        return true
                    }
                    try await body(running)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            })
    } catch {
        result = .failure(error)
    }
    await own.shutdown()
    try result.get()
}

/// What a process of the service would be started with.
func makeRuntime(
    broker: BrokerAccess, database: DatabaseAccess, flags: [String], logger: Logger
) throws -> ServiceRuntime {
    let settings = try SettingsReader(
        service: "messages", settings: MessagesSettings.all, arguments: flags,
        environment: [
            "MARTLET_BROKER_HOSTS": "\(broker.host):\(broker.port)",
            "MARTLET_BROKER_VIRTUAL_HOST": broker.virtualHost, "MARTLET_BROKER_USER": broker.username,
            "MARTLET_BROKER_PASSWORD": broker.password, "MARTLET_DATABASE_URI": database.uri,
            "MARTLET_DATABASE_NAME": database.database, "MARTLET_DATABASE_USER": database.username,
            "MARTLET_DATABASE_PASSWORD": database.password, "MARTLET_DATABASE_AUTH_SOURCE": database.authSource,
        ])
    return ServiceRuntime(settings: settings, logger: logger, readiness: Readiness(lifetime: .milliseconds(100)))
}

/// The fault that a request is refused with; nil if it succeeds or fails otherwise.
func fault<Reply>(_ request: () async throws -> Reply) async -> Fault? {
    do {
        _ = try await request()
        return nil
    } catch {
        return (error as? BusError)?.fault
    }
}
