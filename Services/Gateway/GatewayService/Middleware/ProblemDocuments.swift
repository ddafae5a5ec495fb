import HTTPTypes
import Hummingbird
import Logging

/// Turns everything thrown into an answer: a problem document for the API, an error page for people.
struct ProblemDocuments: RouterMiddleware {
    typealias Context = GatewayContext

    /// Makes the page that tells people about a problem.
    let page: @Sendable (Problem, Request, GatewayContext) -> Response

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        let problem: Problem
        do {
            guard (request.head.path?.utf8.count ?? 0) <= RequestLimits.targetBytes else {
                throw Problem(.uriTooLong, .other, "The address is over \(RequestLimits.targetBytes) bytes.")
            }
            return try await next(request, context)
        } catch let error as Problem {
            problem = error
        } catch let error as any HTTPResponseError {
            problem = Self.problem(for: error.status)
        } catch is CancellationError {
            problem = .unavailable("The server is stopping and")
        } catch {
            context.logger.error("A request failed unexpectedly", metadata: ["error": "\(error)"])
            problem = .internalError
        }
        var response =
            request.uri.path.hasPrefix("/api/")
            ? problem.response(requestID: context.requestID) : page(problem, request, context)
        if problem.endsConnection { response.headers[.connection] = "close" }
        return response
    }

    private static func problem(for status: HTTPResponse.Status) -> Problem {
        switch status {
        case .notFound: .notFound
        case .contentTooLarge: .bodyTooLarge
        default: Problem(status, .other, status.reasonPhrase + ".")
        }
    }
}
