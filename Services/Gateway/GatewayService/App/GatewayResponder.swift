import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers messages directly and everything else through the router.
struct GatewayResponder<Router: HTTPResponder>: ConnectionResponder where Router.Context == GatewayContext {
    let router: Router
    /// Nil if no route is for sending alone.
    let direct: DirectSending?
    let logger: Logger
    private let date = ResponseDate()

    init(router: Router, direct: DirectSending?, logger: Logger) {
        self.router = router
        self.direct = direct
        self.logger = logger
    }

    func begin(
        _ request: HTTPRequest, _ body: ByteBuffer, on connection: Connection,
        completion: @escaping @Sendable (WholeResponse) -> Void
    ) -> Bool {
        guard let direct else { return false }
        return direct.begin(request, body, on: connection) { [date] response in
            var response = response
            response.head.headerFields[.date] = date.text
            completion(response)
        }
    }

    func respond(to request: Request, on connection: Connection) async -> Response {
        var response: Response
        do {
            response = try await router.respond(
                to: request, context: GatewayContext(connection: connection, logger: logger))
        } catch {
            logger.error("A request failed where nothing fails", metadata: ["error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = date.text
        return response
    }
}
