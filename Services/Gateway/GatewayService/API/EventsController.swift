import Hummingbird

/// The live stream.
struct EventsController: Sendable {
    let streams: LiveStreams

    func addRoutes(to router: some RouterMethods<GatewayContext>) {
        router.get("events") { request, context in
            guard !SameOrigin.isFromElsewhere(request.head) else { throw Problem.crossOrigin }
            return try streams.response(for: context.requireSession(), on: context.connection)
        }
    }
}
