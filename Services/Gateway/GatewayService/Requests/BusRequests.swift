import ChatContracts
import HTTPTypes
import Logging
import MessageBus

/// ``Requests`` over the bus.
struct BusRequests: Requests {
    let client: RequestClient
    let logger: Logger

    func call<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> R.Reply {
        do {
            return try await client.call(request, queue: request.queue, form: R.form, context: context)
        } catch {
            throw problem(error, of: R.self, context: context)
        }
    }

    func callRaw<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> [UInt8] {
        do {
            return try await client.callRaw(request, queue: request.queue, form: R.form, context: context)
        } catch {
            throw problem(error, of: R.self, context: context)
        }
    }

    func callRaw<R: RoutedRequest>(
        _ request: R, context: BusContext, completion: @escaping @Sendable (Result<[UInt8], Problem>) -> Void
    ) {
        client.callRaw(request, queue: request.queue, form: R.form, context: context) { result in
            completion(result.map(Array.init).mapError { problem($0, of: R.self, context: context) })
        }
    }

    private func problem<R: RoutedRequest>(_ error: BusError, of request: R.Type, context: BusContext) -> Problem {
        if case .refused(let fault) = error.kind { return Problem(fault) }
        logger.notice(
            "A request to another service failed",
            metadata: [
                "request-type": "\(R.typeName)", "request-id": "\(context.requestID)", "error": "\(error)",
            ])
        var problem = Problem(error.kind, of: R.form)
        problem.isAccepted = error.isAccepted && R.form == .command
        return problem
    }
}

extension Problem {
    /// What a failed call means to the one who asked: an unanswered query changed nothing, so it only is unavailable.
    init(_ kind: BusError.Kind, of form: RequestForm) {
        switch (kind, form) {
        case (.refused(let fault), _): self.init(fault)
        case (.notSent, _), (.outcomeUnknown, .query): self = .unavailable("A part of the chat server")
        case (.outcomeUnknown, .command), (.malformedReply, .command):
            self.init(
                .gatewayTimeout, .outcomeUnknown,
                "No answer came in time, so it may or may not have been done. Repeating the same request is safe.",
                retryAfter: 1)
        case (.malformedReply, .query): self = .internalError
        }
    }
}
