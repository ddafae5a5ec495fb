import HTTPTypes
import Hummingbird
import NIOCore

/// Who answers the requests of connections.
protocol ConnectionResponder: Sendable {
    /// Answers a request without a task, if it is one that can be answered so.
    ///
    /// - Parameter completion: Called once, on any thread, unless this returns false.
    /// - Returns: Whether it is being answered. If not, nothing was done.
    func begin(
        _ request: HTTPRequest, _ body: ByteBuffer, on connection: Connection,
        completion: @escaping @Sendable (WholeResponse) -> Void
    ) -> Bool

    /// Answers any request.
    func answer(_ request: Request, on connection: Connection) async -> Response
}
