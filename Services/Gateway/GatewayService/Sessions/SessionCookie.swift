import HTTPTypes
import Hummingbird

/// The cookie that carries a session's token.
struct SessionCookie: Sendable {
    enum SameSite: String, Sendable { case lax = "Lax", strict = "Strict" }

    /// Whether browsers reach this server by TLS: the cookie then never travels without, and no other host can set it.
    let isSecure: Bool
    let sameSite: SameSite
    let maximumAge: Duration
    let name: String

    init(isSecure: Bool, sameSite: SameSite, maximumAge: Duration) {
        self.isSecure = isSecure
        self.sameSite = sameSite
        self.maximumAge = maximumAge
        name = isSecure ? "__Host-martlet" : "martlet"
    }

    /// The token in a request; nil if there is none or it is malformed.
    func token(in fields: HTTPFields) -> SessionToken? {
        fields.firstCookie(named: name) { SessionToken($0) }
    }

    func header(setting token: SessionToken) -> String {
        header(value: token.text, maximumAge: maximumAge.components.seconds)
    }

    /// Makes the browser forget the cookie.
    var headerForgetting: String { header(value: "", maximumAge: 0) }

    private func header(value: String, maximumAge: Int64) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(maximumAge); HttpOnly; SameSite=\(sameSite.rawValue)"
            + (isSecure ? "; Secure" : "")
    }
}

extension HTTPFields {
    /// What `read` makes of the first cookie of a name in a request of which it makes anything.
    func firstCookie<Value>(named name: String, as read: (Substring) -> Value?) -> Value? {
        for header in self[values: .cookie] {
            for pair in header.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                guard pair.hasPrefix(name), pair.dropFirst(name.utf8.count).first == "=" else { continue }
                if let value = read(pair.dropFirst(name.utf8.count + 1)) { return value }
            }
        }
        return nil
    }

    /// The value of the first cookie of a name in a request.
    func firstCookie(named name: String) -> Substring? { firstCookie(named: name) { $0 } }
}

extension Response {
    mutating func setCookie(_ header: String) { headers.append(HTTPField(name: .setCookie, value: header)) }
}
