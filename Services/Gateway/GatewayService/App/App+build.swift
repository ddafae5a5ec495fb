import ChatContracts
import Foundation
import Hummingbird
import Logging
import MessageBus
import MongoStore
import NIOCore
import ServiceConnections
public import ServiceKit
public import ServiceLifecycle

/// Builds the gateway: its parts in the order of their dependencies.
public func buildGateway(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let logger = runtime.logger
    let configuration = try GatewayConfiguration(runtime.settings)
    let wanted = try runtime.settings.value(GatewaySettings.maximumConnections)
    logger.log(
        level: configuration.capacity.connections < wanted ? .notice : .info,
        configuration.capacity.connections < wanted
            ? "fewer connections than http.maximumConnections, because of the limit of open files" : "connections",
        metadata: [
            "connections": "\(configuration.capacity.connections)",
            "connections.perAddress": "\(configuration.capacity.perAddress)",
            "descriptors": "\(DescriptorLimit.current)",
        ])
    let database = try MongoDatabase(
        configuration: MongoConfiguration(try DatabaseSettings(runtime.settings), runtime: runtime), logger: logger)
    let collection = MongoSessionStore(database: database)
    let store = CoalescingSessionStore(collection)
    let bus = MessageBus(
        configuration: BusConfiguration(try BusSettings(runtime.settings), runtime: runtime), logger: logger)
    let client = RequestClient(bus: bus, maximumInFlight: configuration.maximumInFlight * 2, logger: logger)
    let requests = BusRequests(client: client, logger: logger)
    let subscription = EventSubscription(bus: bus, keys: EventDelivery.keys, logger: logger)
    let publisher = BusPublisher(bus: bus, logger: logger)

    let parts = GatewayParts(
        configuration: configuration, store: store, requests: requests,
        buckets: .init(
            bind: { try await subscription.bind($0) }, unbind: { try await subscription.unbind($0) }),
        publish: { event in
            let data = [UInt8](try JSONEncoder().encode(event))
            try await publisher.publish(events: [
                OutgoingEvent(name: EventName.sessionEnded, recipients: [event.user], data: data)
            ])
        },
        logger: logger)
    let typing = TypingNotices(requests: requests) { typing, companions in
        guard let data = try? JSONEncoder().encode(typing) else { return }
        publisher.send(
            transient: OutgoingEvent(
                name: EventName.typing, recipients: companions.users, audience: companions.audience,
                data: [UInt8](data)))
    }
    let draftStore = MongoDraftStore(database: database)
    let drafts = DraftController(store: draftStore) { draft, user in
        publisher.send(
            transient: OutgoingEvent(name: EventName.draftChanged, recipients: [user], data: draft.json))
    }
    let gateway = Gateway(
        configuration: configuration, sessions: parts.sessions, directory: parts.directory, streams: parts.streams,
        typing: typing, deviceKeys: MongoDeviceKeyStore(database: database), drafts: drafts, requests: requests,
        site: try await Site(directory: configuration.webDirectory, configuration.emoji, logger: logger))
    let application = try gateway.application(logger: logger) { channel in
        let address = channel.localAddress
        runtime.announce("http", address: "\(configuration.host):\(address?.port ?? configuration.port)")
    }
    let groups = GroupDelivery(
        logger: logger, hasStreams: { parts.streams.count > 0 }, deliver: { parts.streams.deliver($0) },
        resync: { parts.streams.resync($0) },
        lookUp: GatewayVariant.ofThisBuild.groupMembers { id in
            do throws(Problem) {
                return try await requests.call(
                    ReadGroupAudience(conversation: id), context: .background(timeout: .seconds(3)))
            } catch {
                guard error.code == .notFound else { throw error }
                return nil
            }
        })
    let delivery = EventDelivery(
        subscription: subscription, streams: parts.streams, sessions: parts.sessions, directory: parts.directory,
        groups: groups, logger: logger, onMissed: GatewayVariant.ofThisBuild.onMissedEvents { parts.streams.resync() })
    let indexes = IndexPreparation(logger: logger) { () async throws(MongoError) in
        try await collection.createIndexes()
        try await draftStore.createIndexes()
    }
    let sessionDatabase = ResourceLifetime(
        prepare: { _ = try await indexes.make() }, end: { await database.shutdown() })

    runtime.readiness.add(ReadinessCheck("broker") { bus.checkReady() })
    runtime.readiness.add(ReadinessCheck("replies") { client.isSubscribed ? nil : "replies cannot be received" })
    runtime.readiness.add(ReadinessCheck("events") { subscription.isSubscribed ? nil : "events cannot be received" })
    runtime.readiness.add(
        ReadinessCheck("database") {
            if let obstacle = await database.obstacle() { return obstacle }
            return indexes.obstacle.map { "indexes: \($0)" }
        })
    // The streams come last: they are told first to stop, and the server waits for them to end.
    let loops = application.eventLoopGroup
    return [
        sessionDatabase, parts.sessions.outdated, bus, EventLoopService(base: client, eventLoop: loops.next()),
        subscription,
        groups, EventLoopService(base: delivery, eventLoop: loops.next()), application, parts.streams,
    ]
}

/// Parts that know each other in a circle: an ended session closes its streams, and streams ask whether theirs lives.
struct GatewayParts {
    let sessions: Sessions
    let directory: UserDirectory
    let streams: LiveStreams

    init(
        configuration: GatewayConfiguration, store: any SessionStore, requests: any Requests,
        buckets: LiveStreams.Buckets, publish: @escaping Sessions.Publish, logger: Logger,
        variant: GatewayVariant = .ofThisBuild
    ) {
        let directory = UserDirectory(requests: requests)
        let credentials = CredentialVersions(logger: logger) { users in
            try await requests.call(
                ReadCredentialVersions(users: users), context: .background(timeout: CredentialVersions.deadline)
            ).versions
        }
        let streams = LiveStreams(
            configuration: configuration.streams, buckets: buckets, credentials: credentials, logger: logger,
            recentHeads: variant.recentHeads {
                try await requests.call($0, context: .background(timeout: .seconds(3))).heads
            },
            existingSessions: variant.existingSessions { try await store.existing($0) })
        sessions = Sessions(
            store: store, cache: SessionCache(lifetime: configuration.sessionCacheLifetime),
            lifetime: configuration.sessionLifetime, maximumPerUser: configuration.sessionsPerUser,
            credentials: credentials, logger: logger, onEnd: { streams.close(sessions: $0) },
            onOutdated: { streams.closeOutdated(of: $0) }, publish: variant.publish(publish))
        self.directory = directory
        self.streams = streams
    }
}
