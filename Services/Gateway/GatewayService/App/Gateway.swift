import ChatContracts
import Foundation
import Hummingbird
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

    func router() throws -> Router<GatewayContext> {
        let cookie = SessionCookie(
            isSecure: configuration.isSecure, sameSite: configuration.sameSite,
            maximumAge: configuration.sessionLifetime.absolute)
        let accounts = Accounts(
            requests: requests, sessions: sessions, directory: directory, byAddress: configuration.attemptRate,
            byNetwork: configuration.networkAttemptRate)
        let sending = MessageSending(
            requests: requests, rate: configuration.sendRate, deadline: configuration.sendDeadline)
        let errorPages = ErrorPages(renderer: renderer, assets: assets)

        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(
            middleware: RequestRecording(
                clientAddress: ClientAddress(trustedProxies: configuration.trustedProxies),
                logsRequests: configuration.logsRequests))
        router.add(middleware: SecurityHeaders(isSecure: configuration.isSecure))
        router.add(middleware: ProblemDocuments(page: errorPages.response))
        router.add(middleware: InFlightLimit(limit: configuration.maximumInFlight))
        assets.addRoutes(to: router)
        router.add(middleware: SameOrigin(publicOrigins: configuration.publicOrigins))
        router.add(middleware: SessionAuthentication(cookie: cookie, sessions: sessions))
        router.add(middleware: RequestRateLimit(rate: configuration.requestRate))

        EntryPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: router)
        AccountPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: router)
        ChatPages(
            renderer: renderer, requests: requests, accounts: accounts, directory: directory, sending: sending,
            assets: assets
        ).addRoutes(to: router)

        let api = router.group("api/v1")
        AccountController(accounts: accounts, cookie: cookie).addRoutes(to: api)
        UserController(requests: requests, directory: directory).addRoutes(to: api)
        ConversationController(requests: requests, directory: directory, sending: sending).addRoutes(to: api)
        EventsController(streams: streams).addRoutes(to: api)
        try OpenAPIDocument().addRoutes(to: api)
        return router
    }

    /// The web server.
    func application(
        logger: Logger, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let channel = HTTP1ChannelConfiguration(configuration)
        return Application(
            responder: ShortLivedFrames(base: try router().buildResponder()), server: channel.server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1_024,
                reuseAddress: true,
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)),
            onServerRunning: onServerRunning, logger: logger)
    }
}
