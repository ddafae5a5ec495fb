import ChatContracts
import HTTPTypes
import Logging
import NIOCore
import ServiceKit

/// Sends a message from the event loop of its connection and back to it, without a task and without the router.
///
/// This is what a chat does nearly all of the time, and half of what the gateway spends on a message would be the way
/// through the layers. ``Admission`` and the readers of the body decide here as they do behind the router; what has to look
/// something up goes there, because that takes a task: a session, or whom a text mentions.
struct DirectSending: Sendable {
    private let route: DeclaredRoute
    /// What stands before and after the conversation in the path.
    private let prefix: String
    private let suffix: String
    private let layers: GatewayLayers
    private let logger: Logger

    /// Nil unless exactly one of the routes is for sending and takes no form.
    init?(_ layers: GatewayLayers, routes: [DeclaredRoute], logger: Logger) {
        let sends = routes.filter { $0.cost == RouteCost(limit: .send) }
        guard sends.count == 1, let route = sends.first else { return nil }
        let parts = route.path.split(separator: "{id}", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.route = route
        prefix = String(parts[0])
        suffix = String(parts[1])
        self.layers = layers
        self.logger = logger
    }

    /// - Parameter completion: Called once, on any thread, unless this returns false; it must not block.
    /// - Returns: Whether a response will follow. If not, nothing was done.
    func begin(
        _ request: HTTPRequest, _ body: ByteBuffer, on connection: Connection,
        completion: @escaping @Sendable (WholeResponse) -> Void
    ) -> Bool {
        guard request.method == route.method, let conversation = conversation(in: request.path ?? ""),
            !Self.mayMention(body)
        else { return false }
        let record = layers.recording.begin(request, on: connection)
        switch layers.admission.decide(request, route.cost, from: record.clientAddress) {
        case .needsSession:
            layers.admission.abandon()
            return false
        case .made(.failure(let problem)): completion(response(to: record, .failure(problem)))
        case .made(.success(let admitted)):
            do throws(Problem) {
                let sender = try admitted.authentication.requireSession().user
                let body = try JSONBody(request.headerFields, body, fields: SendMessage.fields)
                let message = try SendMessage(body, in: conversation, by: sender)
                let trace = TraceContext.continuing(request.headerFields[.traceparent])
                layers.sending.send(message, requestID: record.id, traceparent: trace.traceparent) { result in
                    layers.admission.leave(admitted)
                    completion(response(to: record, result))
                }
            } catch {
                layers.admission.leave(admitted)
                completion(response(to: record, .failure(error)))
            }
        }
        return true
    }

    private func response(to record: RequestRecording.Record, _ result: Result<[UInt8], Problem>) -> WholeResponse {
        var response =
            switch result {
            case .success(let bytes): WholeResponse.json(bytes)
            case .failure(let problem): problem.wholeResponse(requestID: record.id)
            }
        layers.headers.add(to: &response.head.headerFields)
        var logger = logger
        logger[metadataKey: "request.id"] = "\(record.id)"
        layers.recording.end(record, route: route.path, &response.head, logger: logger)
        return response
    }

    /// Whether a JSON text in this body may have an `@` in it, as such or as an escape.
    static func mayMention(_ body: ByteBuffer) -> Bool {
        var rest = body.readableBytesView
        if rest.contains(UInt8(ascii: "@")) { return true }
        while let escape = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[(escape + 1)...]
            if rest.starts(with: "u0040".utf8) { return true }
        }
        return false
    }

    /// The conversation that a path of the route names.
    func conversation(in path: String) -> ConversationID? {
        guard path.hasPrefix(prefix), path.hasSuffix(suffix),
            path.utf8.count == prefix.utf8.count + suffix.utf8.count + 32
        else { return nil }
        return ConversationID(String(path.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)))
    }
}
