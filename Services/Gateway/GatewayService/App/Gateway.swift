import ChatContracts
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceKit

/// The parts of the gateway that answer requests, put together from what they need: the other services, a session store
/// and the live streams. Knows neither broker nor database.
struct Gateway: Sendable {
    let configuration: GatewayConfiguration
    let sessions: Sessions
    let directory: UserDirectory
    let streams: LiveStreams
    let typing: TypingNotices
    let deviceKeys: any DeviceKeyStore
    let drafts: DraftController
    let requests: any Requests
    let site: Site

    init(
        configuration: GatewayConfiguration, sessions: Sessions, directory: UserDirectory, streams: LiveStreams,
        typing: TypingNotices, deviceKeys: any DeviceKeyStore, drafts: DraftController, requests: any Requests,
        site: Site
    ) {
        self.configuration = configuration
        self.sessions = sessions
        self.directory = directory
        self.streams = streams
        self.typing = typing
        self.deviceKeys = deviceKeys
        self.drafts = drafts
        self.requests = requests
        self.site = site
    }

    /// The router, and the table of the routes that it has.
    func router(
        _ layers: GatewayLayers, logger: Logger
    ) throws -> (router: Router<GatewayContext>, table: LimitedRoutes.Table) {
        let cookie = layers.cookie
        let (assets, renderer) = (site.assets, site.renderer)
        let accounts = Accounts(
            requests: requests, sessions: sessions, directory: directory, passwordKey: configuration.passwordKey,
            devices: KnownDevices(cookie: DeviceCookie(like: cookie), store: deviceKeys, logger: logger),
            limits: SignInLimits(
                attempts: configuration.attemptRate, networkAttempts: configuration.networkAttemptRate,
                firstDelay: configuration.guessingDelay),
            guessingDelay: configuration.guessingDelay)
        let errorPages = ErrorPages(renderer: renderer, assets: assets)

        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: layers.recording)
        router.add(middleware: layers.headers)
        router.add(middleware: PageCompression())
        router.add(middleware: AppearanceReading(cookie: AppearanceCookie(like: cookie)))
        router.add(middleware: ProblemDocuments(page: errorPages.response))
        router.add(middleware: UnknownRouteLimit(limits: layers.admission.limits))
        let routes = LimitedRoutes(router, admission: layers.admission)
        assets.addRoutes(to: routes)
        site.worker.addRoutes(to: routes)
        OfflinePages(renderer: renderer, assets: assets).addRoutes(to: routes)
        EntryPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: routes)
        AccountPages(renderer: renderer, accounts: accounts, assets: assets, cookie: cookie).addRoutes(to: routes)
        let chatPages = ChatPages(
            reader: ChatPageReader(requests: requests, directory: directory), renderer: renderer, assets: assets)
        chatPages.addRoutes(to: routes)
        ChatForms(pages: chatPages, requests: requests, directory: directory, sending: layers.sending)
            .addRoutes(to: routes)
        MessageForms(pages: chatPages, directory: directory, changing: layers.changing).addRoutes(to: routes)
        Permalinks(requests: requests, directory: directory).addRoutes(to: routes)
        InvitationPages(requests: requests, directory: directory, renderer: renderer, assets: assets)
            .addRoutes(to: routes)

        let api = routes.group("api/v1")
        AccountController(accounts: accounts, cookie: cookie).addRoutes(to: api)
        UserController(requests: requests, directory: directory).addRoutes(to: api)
        ConversationController(requests: requests, directory: directory, sending: layers.sending).addRoutes(to: api)
        GroupController(requests: requests, directory: directory).addRoutes(to: api)
        InvitationController(requests: requests, directory: directory).addRoutes(to: api)
        MessageChangesController(changing: layers.changing).addRoutes(to: api)
        ReadersController(requests: requests, directory: directory).addRoutes(to: api)
        TypingController(notices: typing).addRoutes(to: api)
        drafts.addRoutes(to: api)
        EventsController(streams: streams, release: assets.version).addRoutes(to: api)
        try OpenAPIDocument().addRoutes(to: api)
        return (router, routes.table)
    }

    /// Who answers requests.
    func responder(
        _ layers: GatewayLayers, logger: Logger
    ) throws -> GatewayResponder<RouterResponder<GatewayContext>> {
        let (router, table) = try router(layers, logger: logger)
        return GatewayResponder(
            router: router.buildResponder(), direct: DirectSending(layers, routes: table.routes, logger: logger),
            logger: logger)
    }

    /// The web server.
    func application(
        logger: Logger, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let layers = GatewayLayers(
            configuration: configuration, sessions: sessions, requests: requests, directory: directory)
        let responder = try responder(layers, logger: logger)
        let loops = EventLoopGroupProvider.singleton
        let connections = Connections(
            responder: responder, configuration: configuration,
            executors: EventLoopExecutors(loops.eventLoopGroup))
        return Application(
            responder: responder.router, server: HTTPServerBuilder { _ in connections },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1_024,
                reuseAddress: true),
            onServerRunning: { [configuration] channel in
                do {
                    try await ConnectionLimits.add(
                        to: channel, capacity: configuration.capacity,
                        clientAddress: ClientAddress(trustedProxies: configuration.trustedProxies), logger: logger)
                    try await AcceptBackOff.add(to: channel, logger: logger)
                } catch {
                    logger.error("The web server accepts connections without limits", error: error)
                }
                await onServerRunning(channel)
            }, eventLoopGroupProvider: loops, logger: logger)
    }
}
