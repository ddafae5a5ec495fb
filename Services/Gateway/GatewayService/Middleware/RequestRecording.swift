import ChatContracts
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import ServiceKit
import Synchronization
import Tracing

/// Gives every request its id and its place in a trace, measures it, and writes one line about it to the log: never a
/// body, a cookie or the query.
struct RequestRecording: RouterMiddleware {
    typealias Context = GatewayContext

    let clientAddress: ClientAddress
    /// Whether the lines are written; metrics always are.
    let logsRequests: Bool
    private let measures = RequestMeasures()

    init(clientAddress: ClientAddress, logsRequests: Bool) {
        self.clientAddress = clientAddress
        self.logsRequests = logsRequests
    }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        var context = context
        let record = begin(request.head, on: context.connection)
        context.requestID = record.id
        context.logger[metadataKey: "request.id"] = "\(record.id)"
        context.clientAddress = record.clientAddress
        var response = try await withTrace(requestID: record.id, traceparent: request.headers[.traceparent]) {
            context.traceparent = ServiceContext.current?.trace?.traceparent
            return try await next(request, context)
        }
        end(record, route: context.endpointPath ?? "none", &response.head, logger: context.logger)
        return response
    }

    /// A request that is being answered.
    struct Record: Sendable {
        fileprivate enum RequestKind {}

        let id = Identifier<RequestKind>.random().description
        let clientAddress: String
        fileprivate let method: HTTPRequest.Method
        fileprivate let begin = ContinuousClock.now
    }

    func begin(_ request: HTTPRequest, on connection: Connection) -> Record {
        Record(
            clientAddress: clientAddress.resolve(
                peer: connection.peer, forwardedFor: request.headerFields[values: .forwardedFor]),
            method: request.method)
    }

    /// - Parameter logger: One that carries the request's id.
    func end(_ record: Record, route: String, _ head: inout HTTPResponse, logger: Logger) {
        head.headerFields[.requestID] = record.id
        let elapsed = ContinuousClock.now - record.begin
        measures.record(route: route, method: record.method, status: head.status, elapsed: elapsed)
        guard logsRequests else { return }
        logger.info(
            "Request",
            metadata: [
                "http.method": "\(record.method.rawValue)", "http.route": "\(route)",
                "http.status": "\(head.status.code)", "http.milliseconds": "\(elapsed.wholeMilliseconds)",
                "client.address": "\(record.clientAddress)",
            ])
    }
}

/// Metrics by route, method and status; each made once.
private final class RequestMeasures: Sendable {
    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private let timers = Mutex<[Key: Metrics.Timer]>([:])

    func record(route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, elapsed: Duration) {
        // An unknown method is the client's choice, and must not make a time series each.
        let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
        let key = Key(route: route, method: known.contains(method) ? method.rawValue : "other", status: status.code)
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Metrics.Timer(
                label: "martlet_gateway_request_duration",
                dimensions: [("route", key.route), ("method", key.method), ("status", String(key.status))])
            timers[key] = timer
            return timer
        }
        timer.record(duration: elapsed)
    }
}
