import ChatContracts
import HTTPTypes
import Hummingbird
import JSON

/// Why a request was not carried out, or why nobody knows whether it was: an RFC 9457 problem document.
///
/// Programs go by ``code``; it never changes its meaning. ``detail`` is a sentence for people.
struct Problem: Error, Equatable, Sendable {
    var status: HTTPResponse.Status
    var code: Code
    var detail: String
    /// Of a limit: which it is, without when to try again. Pages say that with a moment instead of a wait.
    var limit: String?
    /// The offending field of the request, if it is one field.
    var field: String?
    /// Seconds after which trying again makes sense.
    var retryAfter: Int?
    /// The command is in its queue, and will be carried out or refused there; only the response is missing.
    var isAccepted = false
    /// With ``Code/conflict``: the message as it is now, in JSON.
    var message: [UInt8]?

    init(_ status: HTTPResponse.Status, _ code: Code, _ detail: String, field: String? = nil, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.retryAfter = retryAfter
    }

    /// Every code that the API can answer with: those of ``Fault`` and the gateway's own.
    struct Code: RawRepresentable, Hashable, Sendable {
        var rawValue: String

        static let invalid = Code(rawValue: Fault.Code.invalid.rawValue)
        static let notFound = Code(rawValue: Fault.Code.notFound.rawValue)
        static let usernameTaken = Code(rawValue: Fault.Code.usernameTaken.rawValue)
        static let busy = Code(rawValue: Fault.Code.busy.rawValue)
        static let unavailable = Code(rawValue: Fault.Code.unavailable.rawValue)
        /// The body is not JSON.
        static let malformed = Code(rawValue: "malformed")
        static let bodyTooLarge = Code(rawValue: "body-too-large")
        static let unsupportedMediaType = Code(rawValue: "unsupported-media-type")
        static let notSignedIn = Code(rawValue: "not-signed-in")
        static let crossOrigin = Code(rawValue: "cross-origin")
        static let tooManyRequests = Code(rawValue: "too-many-requests")
        static let tooManyStreams = Code(rawValue: "too-many-streams")
        /// The change may or may not have been made; repeat the request to find out.
        static let outcomeUnknown = Code(rawValue: "outcome-unknown")
        /// Another change of the message was faster; the problem has the message as it is now.
        static let conflict = Code(rawValue: "conflict")
        static let internalError = Code(rawValue: "internal-error")
        static let other = Code(rawValue: "refused")

        static let all: [Code] =
            Fault.Code.allCases.map { Code(rawValue: $0.rawValue) } + [
                .malformed, .bodyTooLarge, .unsupportedMediaType, .notSignedIn, .crossOrigin, .tooManyRequests,
                .tooManyStreams, .outcomeUnknown, .conflict, .internalError, .other,
            ]
    }
}

extension Problem {
    static func invalid(_ field: String?, _ detail: String) -> Problem {
        Problem(.unprocessableContent, .invalid, detail, field: field)
    }

    static let notSignedIn = Problem(
        .unauthorized, .notSignedIn, "Sign in first; there is no session, or it has ended.")
    static let notFound = Problem(.notFound, .notFound, "There is nothing here.")
    static let crossOrigin = Problem(
        .forbidden, .crossOrigin,
        "The request comes from another site. Programs send an Origin header that equals the address of this server.")
    static let bodyTooLarge = Problem(
        .contentTooLarge, .bodyTooLarge, "The body is over \(RequestLimits.bodyBytes) bytes.")
    static let internalError = Problem(
        .internalServerError, .internalError, "Something went wrong here; the request id helps to find out what.")

    /// - Parameter message: the message as it is now, in JSON.
    static func conflict(_ message: [UInt8]) -> Problem {
        var problem = Problem(
            .conflict, .conflict, "The message was changed meanwhile. Look at it as it is now, and decide again.")
        problem.message = message
        return problem
    }

    static func unavailable(_ what: String) -> Problem {
        Problem(
            .serviceUnavailable, .unavailable, "\(what) cannot be reached right now. Try again in a moment.",
            retryAfter: 2)
    }

    init(_ fault: Fault) {
        let status: HTTPResponse.Status =
            switch fault.code {
            case .invalid, .weakPassword: .unprocessableContent
            case .notFound: .notFound
            case .wrongCredentials: .unauthorized
            case .usernameTaken, .clientMessageIDReused, .notEditable, .lastOwner: .conflict
            case .forbidden: .forbidden
            case .gone: .gone
            case .busy, .unavailable: .serviceUnavailable
            }
        self.init(
            status, Code(rawValue: fault.code.rawValue), fault.message, field: fault.field,
            retryAfter: status == .serviceUnavailable ? 1 : nil)
    }

    /// Whether the response is the connection's last, because what is left of the request is not read.
    var endsConnection: Bool { status == .contentTooLarge }

    /// The document, with the request id by which the operator finds the log lines.
    func document(requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("type")
            writer.string("urn:martlet:problem:\(code.rawValue)")
            writer.name("title")
            writer.string(status.reasonPhrase)
            writer.name("status")
            writer.integer(status.code)
            writer.name("detail")
            writer.string(detail)
            writer.name("code")
            writer.string(code.rawValue)
            if let field {
                writer.name("field")
                writer.string(field)
            }
            if isAccepted {
                writer.name("accepted")
                writer.boolean(true)
            }
            if let message {
                writer.name("message")
                writer.json(message)
            }
            writer.name("requestId")
            writer.string(requestID)
        }
        return writer.bytes
    }

    func wholeResponse(requestID: String) -> WholeResponse {
        var response = WholeResponse.json(
            document(requestID: requestID), status: status, type: "application/problem+json")
        if let retryAfter { response.head.headerFields[.retryAfter] = String(retryAfter) }
        if endsConnection { response.head.headerFields[.connection] = "close" }
        return response
    }

    func response(requestID: String) -> Response { Response(wholeResponse(requestID: requestID)) }
}
