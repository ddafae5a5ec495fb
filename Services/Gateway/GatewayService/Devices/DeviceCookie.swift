import HTTPTypes
import Hummingbird

/// The cookie that carries a browser's ``DeviceToken``s, one for each account that has signed in with it. Signing out
/// leaves it.
struct DeviceCookie: Sendable {
    /// Accounts of one browser; the one that has not signed in for longest gives way.
    static let maximumTokens = 5

    private let session: SessionCookie

    /// - Parameter session: Where and how that cookie travels, so does this one.
    init(like session: SessionCookie) { self.session = session }

    var name: String { session.name + "-device" }

    /// The tokens in a request, genuine or not, at most ``maximumTokens``.
    func tokens(in fields: HTTPFields) -> [DeviceToken] {
        guard let value = fields.firstCookie(named: name) else { return [] }
        return value.split(separator: ".").prefix(Self.maximumTokens).compactMap { DeviceToken($0) }
    }

    func header(setting tokens: some Sequence<DeviceToken>) -> String {
        let value = tokens.prefix(Self.maximumTokens).map(\.text).joined(separator: ".")
        return "\(name)=\(value); Path=/; Max-Age=\(DeviceToken.lifetime.components.seconds); HttpOnly; "
            + "SameSite=\(session.sameSite.rawValue)" + (session.isSecure ? "; Secure" : "")
    }
}

extension Response {
    mutating func setDeviceCookie(_ header: String?) {
        if let header { setCookie(header) }
    }
}
