import ChatContracts
import HTTPTypes
import Logging
import NIOCore
import ServiceKit

/// Sends a message from the event loop of its connection and back to it, without a task and without the router.
///
/// This is what a chat does nearly all of the time, and half of what the gateway spends on a message would be the way
/// through the layers. It asks the same parts the same questions, and does only what ends well: whatever has to be refused
/// before it is sent goes through the router, which says why.
struct DirectSending: Sendable {
    /// As the router names the same route.
    static let route = "/api/v1/conversations/{id}/messages"
    private static let prefix = "/api/v1/conversations/"
    private static let suffix = "/messages"

    let layers: GatewayLayers
    let logger: Logger

    /// - Parameter completion: Called once, on any thread, unless this returns false; it must not block.
    /// - Returns: Whether the request is being answered. If not, nothing was done.
    func begin(
        _ request: HTTPRequest, _ body: ByteBuffer, on connection: Connection,
        completion: @escaping @Sendable (WholeAnswer) -> Void
    ) -> Bool {
        guard request.method == .post, let conversation = Self.conversation(in: request.path ?? ""),
            layers.origins.allows(request), let session = layers.authentication.known(in: request.headerFields),
            let message = SendMessage(request, body, in: conversation, by: session.user), layers.inFlight.enter()
        else { return false }
        let record = layers.recording.begin(request, on: connection)
        let trace = TraceContext.continuing(request.headerFields[.traceparent])
        let isBegun = layers.sending.send(message, requestID: record.id, traceparent: trace.traceparent) { result in
            layers.inFlight.leave()
            var answer =
                switch result {
                case .success(let bytes): WholeAnswer.json(bytes)
                case .failure(let problem): problem.answer(requestID: record.id)
                }
            layers.headers.add(to: &answer.head.headerFields)
            var logger = logger
            logger[metadataKey: "request.id"] = "\(record.id)"
            layers.recording.end(record, route: Self.route, &answer.head, logger: logger)
            completion(answer)
        }
        if !isBegun { layers.inFlight.leave() }
        return isBegun
    }

    static func conversation(in path: String) -> ConversationID? {
        guard path.hasPrefix(prefix), path.hasSuffix(suffix),
            path.utf8.count == prefix.utf8.count + suffix.utf8.count + 32
        else { return nil }
        return ConversationID(String(path.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)))
    }
}

extension SendMessage {
    /// Nil for whatever has to be refused.
    fileprivate init?(
        _ request: HTTPRequest, _ body: ByteBuffer, in conversation: ConversationID, by sender: UserID
    ) {
        do {
            guard JSONBody.isJSON(request.headerFields), body.readableBytes <= RequestLimits.bodyBytes else {
                return nil
            }
            let body = try JSONBody(parsing: Array(body.readableBytesView), fields: Self.fields)
            try self.init(body, in: conversation, by: sender)
        } catch {
            return nil
        }
    }
}
