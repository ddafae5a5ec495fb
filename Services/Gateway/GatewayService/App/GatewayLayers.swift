/// What both ways through the gateway ask: the layers of the router, and the direct one of messages.
struct GatewayLayers: Sendable {
    let recording: RequestRecording
    let headers: SecurityHeaders
    let inFlight: InFlightLimit
    let origins: SameOrigin
    let authentication: SessionAuthentication
    let sending: MessageSending
    let limits: RouteLimits

    init(configuration: GatewayConfiguration, sessions: Sessions, requests: any Requests) {
        recording = RequestRecording(
            clientAddress: ClientAddress(trustedProxies: configuration.trustedProxies),
            logsRequests: configuration.logsRequests)
        headers = SecurityHeaders(isSecure: configuration.isSecure)
        inFlight = InFlightLimit(limit: configuration.maximumInFlight)
        origins = SameOrigin(publicOrigins: configuration.publicOrigins)
        authentication = SessionAuthentication(
            cookie: SessionCookie(
                isSecure: configuration.isSecure, sameSite: configuration.sameSite,
                maximumAge: configuration.sessionLifetime.absolute),
            sessions: sessions)
        sending = MessageSending(
            requests: requests, rate: configuration.sendRate, deadline: configuration.sendDeadline)
        limits = RouteLimits(configuration: configuration, sending: sending)
    }
}
