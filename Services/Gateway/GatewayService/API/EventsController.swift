import Hummingbird

/// The live stream.
struct EventsController: Sendable {
    let streams: LiveStreams
    /// That of the pages of this gateway.
    let release: String

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("events", .stream) { _, context in
            try streams.response(for: context.requireSession(), on: context.connection, release: release)
        }
    }
}
