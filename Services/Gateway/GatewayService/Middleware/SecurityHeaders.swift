import HTTPTypes
import Hummingbird

/// Headers that narrow what a browser lets a page do; on every answer.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = GatewayContext

    /// Nothing inline, nothing from elsewhere, no frames.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'", "object-src 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private let fields: [HTTPField]

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
    }

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        var response = try await next(request, context)
        add(to: &response.headers)
        return response
    }

    func add(to headers: inout HTTPFields) {
        for field in fields { headers.append(field) }
    }
}
