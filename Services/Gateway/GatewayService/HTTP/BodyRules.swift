import HTTPTypes
import Hummingbird
import NIOCore

/// What a body has to be before anybody reads it.
enum BodyRules {
    enum Kind {
        case json
        case form
    }

    /// - Parameter size: Bytes that have arrived: all, or more than are allowed.
    /// - Throws: 415 for another type, 413 if it is too large.
    static func check(_ headers: HTTPFields, size: Int, _ kind: Kind) throws(Problem) {
        guard isOfKind(kind, headers[.contentType] ?? "") else {
            throw Problem(.unsupportedMediaType, .unsupportedMediaType, kind.demand)
        }
        let announced = headers[.contentLength].flatMap { Int($0) } ?? 0
        guard max(announced, size) <= RequestLimits.bodyBytes else { throw .bodyTooLarge }
    }

    private static func isOfKind(_ kind: Kind, _ type: String) -> Bool {
        type == kind.type || type.prefix { $0 != ";" }.lowercased().filter { $0 != " " } == kind.type
    }
}

extension BodyRules.Kind {
    fileprivate var type: String {
        switch self {
        case .json: "application/json"
        case .form: "application/x-www-form-urlencoded"
        }
    }

    fileprivate var demand: String {
        switch self {
        case .json: "Send the body as application/json."
        case .form: "Send the form as it was loaded."
        }
    }
}

extension Request {
    /// The whole body, or as much of it as shows that it is too large.
    func collectedBody() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await part in body {
            if whole.readableBytes == 0 { whole = part } else { whole.writeImmutableBuffer(part) }
            if whole.readableBytes > RequestLimits.bodyBytes { break }
        }
        return whole
    }
}
