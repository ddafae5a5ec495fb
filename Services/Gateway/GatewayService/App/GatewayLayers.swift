/// What both ways through the gateway share, that of the router and the direct one of messages.
struct GatewayLayers: Sendable {
    let recording: RequestRecording
    let headers: SecurityHeaders
    let admission: Admission
    let cookie: SessionCookie
    let sending: MessageSending
    let changing: MessageChanging

    init(
        configuration: GatewayConfiguration, sessions: Sessions, requests: any Requests, directory: UserDirectory
    ) {
        recording = RequestRecording(
            clientAddress: ClientAddress(trustedProxies: configuration.trustedProxies),
            logsRequests: configuration.logsRequests)
        headers = SecurityHeaders(isSecure: configuration.isSecure)
        cookie = SessionCookie(
            isSecure: configuration.isSecure, sameSite: configuration.sameSite,
            maximumAge: configuration.sessionLifetime.absolute)
        sending = MessageSending(
            requests: requests, directory: directory, rate: configuration.sendRate,
            deadline: configuration.sendDeadline)
        changing = MessageChanging(
            requests: requests, directory: directory, deadline: configuration.sendDeadline)
        admission = Admission(
            origins: SameOrigin(publicOrigins: configuration.publicOrigins),
            authentication: SessionAuthentication(cookie: cookie, sessions: sessions),
            limits: RouteLimits(configuration: configuration, sending: sending),
            inFlight: InFlightLimit(limit: configuration.maximumInFlight),
            userInFlight: UserInFlightLimit(limit: configuration.requestsInFlight))
    }
}
