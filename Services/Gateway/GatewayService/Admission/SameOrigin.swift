import HTTPTypes

/// Refuses requests that another site made a browser send.
///
/// Unsafe methods need `Sec-Fetch-Site: same-origin`. Browsers leave that header out on plain HTTP to other hosts than
/// their own, so without it an `Origin` is needed that names this server: by the `Host` of the request, or by the
/// setting for servers behind a proxy. Neither header means a program, which can send an `Origin`.
struct SameOrigin: Sendable {
    /// Origins such as `https://chat.example.org` that count as this server whatever the `Host` says.
    let publicOrigins: Set<String>

    func allows(_ request: HTTPRequest, _ limit: RouteLimit) -> Bool {
        switch request.method {
        case .get, .head: limit != .stream || !Self.isFromElsewhere(request)
        default: Self.isSameOrigin(request, publicOrigins: publicOrigins)
        }
    }

    static func isSameOrigin(_ request: HTTPRequest, publicOrigins: Set<String>) -> Bool {
        if let site = request.headerFields[.secFetchSite] { return site == "same-origin" }
        guard let origin = request.headerFields[.origin]?.lowercased() else { return false }
        if !publicOrigins.isEmpty { return publicOrigins.contains(origin) }
        guard let authority = request.authority?.lowercased(), !authority.isEmpty else { return false }
        return origin == "http://\(authority)" || origin == "https://\(authority)"
    }

    /// Whether the browser says that another site asks. A GET from there is harmless unless it holds something, as a live
    /// stream does.
    static func isFromElsewhere(_ request: HTTPRequest) -> Bool {
        guard let site = request.headerFields[.secFetchSite] else { return false }
        return site != "same-origin" && site != "none"
    }
}

extension HTTPField.Name {
    static let secFetchSite = Self("Sec-Fetch-Site")!
    static let requestID = Self("X-Request-Id")!
    static let traceparent = Self("traceparent")!
    static let forwardedFor = Self("X-Forwarded-For")!
    static let accelBuffering = Self("X-Accel-Buffering")!
    static let crossOriginOpenerPolicy = Self("Cross-Origin-Opener-Policy")!
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let permissionsPolicy = Self("Permissions-Policy")!
    static let referrerPolicy = Self("Referrer-Policy")!
}
