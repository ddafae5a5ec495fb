import ChatContracts
import MessageBus
import MongoStore
import ServiceConnections
public import ServiceKit
public import ServiceLifecycle

/// Makes the messages service: conversations and messages, asked for over the bus, kept in a database of its own.
///
/// Nothing is sent and no database is needed before the parts run. The readiness checks are added to the runtime's.
///
/// - Parameter runtime: with the settings of ``MessagesSettings/all``.
/// - Returns: the parts in the order of their dependencies: to be started in this order and stopped in reverse.
public func buildMessagesService(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let settings = runtime.settings
    let logger = runtime.logger
    let bus = MessageBus(configuration: BusConfiguration(try BusSettings(settings), runtime: runtime), logger: logger)
    let database = try MongoDatabase(
        configuration: MongoConfiguration(try DatabaseSettings(settings), runtime: runtime), logger: logger)
    let variant = MessagesVariant.ofThisBuild
    let store = variant.store(database).asking(aboutStrangers: try settings.value(MessagesSettings.requests))
    let metrics = MessagesMetrics()

    let debt = ResyncDebt(publisher: BusPublisher(bus: bus, logger: logger), metrics: metrics, logger: logger)
    runtime.metrics.collect { [PrometheusSample("martlet_messages_resyncs_owed", .gauge, Double(debt.count))] }
    let lanes = Lanes(
        shape: Lanes.Shape(
            lanes: try settings.value(MessagesSettings.lanes), batch: try settings.value(MessagesSettings.batch),
            prefetch: try settings.value(MessagesSettings.prefetch),
            rememberedConversations: try settings.value(MessagesSettings.conversations),
            eventPatience: try settings.value(MessagesSettings.eventPatience)),
        bus: bus, store: store, database: database, variant: variant, debt: debt, metrics: metrics, logger: logger)

    let concurrency = try settings.value(MessagesSettings.queryConcurrency)
    let server = RequestServer(
        bus: bus, queue: Topology.messageQueries, prefetch: concurrency * 8, concurrency: concurrency,
        deadLetterQueue: Topology.messageDeadLetters, logger: logger)
    let queries = ConversationQueries(store: store)
    server.handle(GetConversation.self, encode: JSONLine.encode) { request, _ in try await queries.get(request) }
    server.handle(ListConversations.self, encode: JSONLine.encode) { request, _ in try await queries.list(request) }
    server.handle(ReadHistory.self, encode: JSONLine.encode) { request, _ in try await queries.history(request) }
    let chatPage = ChatPageQuery(store: store, logger: logger)
    server.handle(ReadChatPage.self, encode: JSONLine.encode) { request, _ in try await chatPage(request) }
    let groups = GroupQueries(store: store)
    server.handle(ListGroupMembers.self) { request, _ in try await groups.members(request) }
    let readers = ReaderQueries(store: store)
    server.handle(ReadMessageReaders.self) { request, _ in try await readers.readers(request) }
    server.handle(ListSharedGroups.self) { request, _ in try await groups.shared(request) }
    server.handle(ListGroupInvitations.self) { request, _ in try await groups.invitations(request) }
    server.handle(ReadInvitation.self) { request, _ in try await groups.invitation(request) }
    server.handle(ReadGroupAudience.self) { request, _ in try await groups.audience(request) }
    server.handle(RecentHeads.self) { request, _ in try await queries.recentHeads(request) }
    let sync = SyncQuery(store: store)
    // The costliest by far, so others always find room beside it.
    server.handle(SyncChanges.self, atMost: max(1, concurrency / 2), encode: JSONLine.encode) { request, _ in
        try await sync(request)
    }

    let indexes = IndexPreparation(logger: logger) { () async throws(MongoError) in
        try await store.createIndexes(once: variant.once)
    }
    let serving = IndexedServing(indexes: indexes, servers: [lanes, server, debt])
    runtime.readiness.add(ReadinessCheck("broker") { bus.checkReady() })
    runtime.readiness.add(ReadinessCheck("database") { await database.obstacle() })
    runtime.readiness.add(ReadinessCheck("indexes") { indexes.obstacle })
    runtime.readiness.add(ReadinessCheck("command subscriptions") { lanes.reason })
    runtime.readiness.add(
        ReadinessCheck("query subscription") { server.isSubscribed ? nil : "not subscribed" })
    return [bus, ResourceLifetime { await database.shutdown() }, serving]
}
