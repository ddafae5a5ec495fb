import Hummingbird

/// The live stream.
struct EventsController: Sendable {
    let streams: LiveStreams

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("events", .ordinary) { request, context in
            guard !SameOrigin.isFromElsewhere(request.head) else { throw Problem.crossOrigin }
            return try streams.response(for: context.requireSession(), on: context.connection)
        }
    }
}
