import Hummingbird

/// The live stream.
struct EventsController: Sendable {
    /// Where the routes of the API make it appear.
    static let path = "/api/v1/events"

    let streams: LiveStreams

    func addRoutes(to router: some RouterMethods<GatewayContext>) {
        router.get("events") { request, context in
            guard !SameOrigin.isFromElsewhere(request.head) else { throw Problem.crossOrigin }
            return try streams.response(for: context.requireSession(), channel: context.channel)
        }
    }
}
