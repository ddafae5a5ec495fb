import HTTPTypes
import Hummingbird

/// The cookie that keeps an ``Appearance``, so that the first paint of a page is right without a script and before anybody
/// has signed in. It says nothing of who somebody is.
struct AppearanceCookie: Sendable {
    static let maximumAge = 365 * 86_400

    private let session: SessionCookie

    /// - Parameter session: Where that cookie travels, so does this one.
    init(like session: SessionCookie) { self.session = session }

    var name: String { session.name + "-appearance" }

    /// What a request asks for; as usual if it has no such cookie, or one with anything but known values in it.
    func appearance(in fields: HTTPFields) -> Appearance {
        guard let value = fields.firstCookie(named: name), value.utf8.count < 32 else { return Appearance() }
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return Appearance() }
        return Appearance(theme: parts[0], textSize: parts[1]) ?? Appearance()
    }

    func header(setting appearance: Appearance) -> String {
        "\(name)=\(appearance.theme).\(appearance.textSize); Path=/; Max-Age=\(Self.maximumAge); HttpOnly; SameSite=Lax"
            + (session.isSecure ? "; Secure" : "")
    }
}

/// Reads from each request for a page how it is to look.
struct AppearanceReading: RouterMiddleware {
    typealias Context = GatewayContext

    let cookie: AppearanceCookie

    func handle(_ request: Request, context: GatewayContext, next: Next) async throws -> Response {
        guard !request.uri.path.hasPrefix("/api/"), request.headers.contains(.cookie) else {
            return try await next(request, context)
        }
        var context = context
        context.appearance = cookie.appearance(in: request.headers)
        return try await next(request, context)
    }
}
