import Hummingbird

/// Finds the answer to a request for a live stream in a task of its own.
///
/// A task keeps the memory of its deepest call until it ends. A stream's task lives for hours, and the way through the
/// router and its middleware is deep: two thirds of what an idle stream costs.
struct ShortLivedFrames<Base: HTTPResponder>: HTTPResponder where Base.Context: Sendable {
    let base: Base

    func respond(to request: Request, context: Base.Context) async throws -> Response {
        guard request.uri.path == EventsController.path else {
            return try await base.respond(to: request, context: context)
        }
        async let response = base.respond(to: request, context: context)
        return try await response
    }
}
