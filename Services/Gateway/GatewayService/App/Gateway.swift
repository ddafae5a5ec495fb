import ChatContracts
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The parts of the gateway that answer requests, put together from what they need: the other services, a session store
/// and the live streams. Knows neither broker nor database.
struct Gateway: Sendable {
    let configuration: GatewayConfiguration
    let sessions: Sessions
    let directory: UserDirectory
    let streams: LiveStreams
    let requests: any Requests
    let assets: Assets
    let renderer: PageRenderer

    init(
        configuration: GatewayConfiguration, sessions: Sessions, directory: UserDirectory, streams: LiveStreams,
        requests: any Requests
    ) async throws {
        self.configuration = configuration
        self.sessions = sessions
        self.directory = directory
        self.streams = streams
        self.requests = requests
        let web = configuration.webDirectory ?? Bundle.module.bundleURL
        assets = try Assets(directory: web.appendingPathComponent("Public"))
        renderer = try await PageRenderer(directory: web.appendingPathComponent("Templates"))
    }

    /// What both ways through the gateway ask: the layers of the router, and the direct one of messages.
    struct Layers {
        let recording: RequestRecording
        let headers: SecurityHeaders
        let inFlight: InFlightLimit
        let origins: SameOrigin
        let authentication: SessionAuthentication
        let sending: MessageSending
    }

    func layers() -> Layers {
        Layers(
            recording: RequestRecording(
                clientAddress: ClientAddress(trustedProxies: configuration.trustedProxies),
                logsRequests: configuration.logsRequests),
            headers: SecurityHeaders(isSecure: configuration.isSecure),
            inFlight: InFlightLimit(limit: configuration.maximumInFlight),
            origins: SameOrigin(publicOrigins: configuration.publicOrigins),
            authentication: SessionAuthentication(
                cookie: SessionCookie(
                    isSecure: configuration.isSecure, sameSite: configuration.sameSite,
                    maximumAge: configuration.sessionLifetime.absolute),
                sessions: sessions),
            sending: MessageSending(
                requests: requests, rate: configuration.sendRate, deadline: configuration.sendDeadline))
    }

    func router(_ layers: Layers) throws -> Router<GatewayContext> {
        let cookie = layers.authentication.cookie
        let accounts = Accounts(
            requests: requests, sessions: sessions, directory: directory, byAddress: configuration.attemptRate,
            byNetwork: configuration.networkAttemptRate)
        let errorPages = ErrorPages(renderer: renderer, assets: assets)

        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: layers.recording)
        router.add(middleware: layers.headers)
        router.add(middleware: ProblemDocuments(page: errorPages.response))
        router.add(middleware: layers.inFlight)
        assets.addRoutes(to: router)
        router.add(middleware: layers.origins)
        router.add(middleware: layers.authentication)
        router.add(middleware: RequestRateLimit(rate: configuration.requestRate))

        EntryPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: router)
        AccountPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: router)
        ChatPages(
            renderer: renderer, requests: requests, accounts: accounts, directory: directory, sending: layers.sending,
            assets: assets
        ).addRoutes(to: router)

        let api = router.group("api/v1")
        AccountController(accounts: accounts, cookie: cookie).addRoutes(to: api)
        UserController(requests: requests, directory: directory).addRoutes(to: api)
        ConversationController(requests: requests, directory: directory, sending: layers.sending).addRoutes(to: api)
        EventsController(streams: streams).addRoutes(to: api)
        try OpenAPIDocument().addRoutes(to: api)
        return router
    }

    /// The web server.
    func application(
        logger: Logger, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let layers = layers()
        let router = try router(layers).buildResponder()
        let direct = DirectSending(
            recording: layers.recording, headers: layers.headers, inFlight: layers.inFlight, origins: layers.origins,
            authentication: layers.authentication, sending: layers.sending, logger: logger)
        let loops = EventLoopGroupProvider.singleton
        let connections = Connections(
            responder: GatewayResponder(router: router, direct: direct, logger: logger),
            idleTimeout: configuration.idleTimeout, executors: EventLoopExecutors(loops.eventLoopGroup))
        return Application(
            responder: router, server: HTTPServerBuilder { _ in connections },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1_024,
                reuseAddress: true,
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)),
            onServerRunning: onServerRunning, eventLoopGroupProvider: loops, logger: logger)
    }
}
