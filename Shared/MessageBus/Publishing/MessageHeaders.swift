import AMQP
import Tracing

/// The headers that a request carries beside its body, and where they come from.
enum MessageHeaders {
    static let requestID = "request-id"
    static let traceparent = "traceparent"
    /// Milliseconds that the asker waits, from sending on.
    static let timeout = "timeout-ms"
    /// Why a message was dead-lettered.
    static let reason = "x-martlet-reason"
    /// The queue that a dead-lettered message came from.
    static let queue = "x-martlet-queue"
    /// The broker user who sent a message that was dead-lettered.
    static let sender = "x-martlet-user"
    /// When a message was dead-lettered.
    static let time = "x-martlet-time"
    /// How often a message was delivered before it was dead-lettered.
    static let deliveries = "x-martlet-deliveries"
    /// Further routing keys; the broker delivers by them.
    static let carbonCopy = "CC"

    private static let longestText = 256

    static func headers(for context: RequestContext) -> [String: AMQPValue] {
        var headers: [String: AMQPValue] = [
            requestID: .string(context.requestID), timeout: .int(context.timeout.wholeMilliseconds),
        ]
        if let trace = context.traceparent { headers[traceparent] = .string(trace) }
        return headers
    }

    static func context(of message: AMQPMessage) -> RequestContext {
        let headers = message.properties.headers
        let milliseconds = min(max(headers[timeout]?.intValue ?? 5_000, 0), 3_600_000)
        let id = headers[requestID]?.stringValue ?? message.properties.messageID ?? "unknown"
        return RequestContext(
            requestID: String(id.prefix(longestText)),
            traceparent: headers[traceparent]?.stringValue.map { String($0.prefix(longestText)) },
            timeout: .milliseconds(milliseconds))
    }
}

extension RequestContext {
    /// What a call sends along: what its caller gave, else the running request's, else what the process's tracer knows.
    static func outgoing(_ given: RequestContext?) -> RequestContext {
        var context = given ?? current
        guard context?.traceparent == nil else { return context ?? .background() }
        var headers: [String: String] = [:]
        if let ambient = ServiceContext.current {
            InstrumentationSystem.instrument.inject(ambient, into: &headers, using: HeaderCarrier())
        }
        if context == nil {
            context = .background()
            if let id = headers[MessageHeaders.requestID] { context?.requestID = id }
        }
        context?.traceparent = headers[MessageHeaders.traceparent]
        return context ?? .background()
    }

    /// Runs work for this request: logs and calls below it carry its id and its trace.
    public func run<Value: Sendable>(_ work: () async throws -> Value) async rethrows -> Value {
        var ambient = ServiceContext.current ?? .topLevel
        var headers = [MessageHeaders.requestID: requestID]
        headers[MessageHeaders.traceparent] = traceparent
        InstrumentationSystem.instrument.extract(headers, into: &ambient, using: HeaderCarrier())
        return try await Self.$current.withValue(self) {
            try await ServiceContext.withValue(ambient) { try await work() }
        }
    }
}

private struct HeaderCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
