import HTTPTypes
import Hummingbird

/// Headers that narrow what a browser lets a page do; on every response. Scripts and style sheets of a page are no pages, so
/// they only say that they are what they say and for whom.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = GatewayContext

    /// Nothing inline, nothing from elsewhere, no frames.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'", "object-src 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private let fields: [HTTPField]
    private let partFields: [HTTPField]

    /// - Parameter isSecure: Whether browsers reach this server by TLS, so that they may be told never to come without.
    init(isSecure: Bool) {
        var fields: [HTTPField] = [
            .init(name: .contentSecurityPolicy, value: Self.contentSecurityPolicy),
            .init(name: .xContentTypeOptions, value: "nosniff"),
            .init(name: .referrerPolicy, value: "same-origin"),
            .init(name: .crossOriginOpenerPolicy, value: "same-origin"),
            .init(name: .crossOriginResourcePolicy, value: "same-origin"),
            .init(name: .permissionsPolicy, value: "camera=(), geolocation=(), microphone=()"),
        ]
        if isSecure {
            fields.append(.init(name: .strictTransportSecurity, value: "max-age=63072000; includeSubDomains"))
        }
        self.fields = fields
        partFields = fields.filter {
            [.xContentTypeOptions, .crossOriginResourcePolicy, .strictTransportSecurity].contains($0.name)
        }
    }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        var response = try await next(request, context)
        let isPart = Self.isPart(request.uri.path, response.headers[.contentType])
        Self.add(isPart ? partFields : fields, to: &response.headers)
        return response
    }

    /// The script of a worker is not among the assets: what it says of its policy holds in the worker.
    private static func isPart(_ path: String, _ type: String?) -> Bool {
        guard path.hasPrefix("/assets/"), let type else { return false }
        return type.hasPrefix("text/css") || type.hasPrefix("text/javascript")
    }

    func add(to headers: inout HTTPFields) { Self.add(fields, to: &headers) }

    private static func add(_ fields: [HTTPField], to headers: inout HTTPFields) {
        for field in fields { headers.append(field) }
    }
}
