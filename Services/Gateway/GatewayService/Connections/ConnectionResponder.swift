import HTTPTypes
import Hummingbird
import NIOCore

/// Who responds to the requests of connections.
protocol ConnectionResponder: Sendable {
    /// Responds to a request without a task, if it is one that needs none.
    ///
    /// - Parameter completion: Called once, on any thread, unless this returns false.
    /// - Returns: Whether a response will follow. If not, nothing was done.
    func begin(
        _ request: HTTPRequest, _ body: ByteBuffer, on connection: Connection,
        completion: @escaping @Sendable (WholeResponse) -> Void
    ) -> Bool

    /// Responds to any request.
    func respond(to request: Request, on connection: Connection) async -> Response
}
