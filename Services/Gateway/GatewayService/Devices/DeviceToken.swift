import Crypto
import Foundation

/// A browser that has signed in to an account. Each account gives a browser another one.
struct DeviceID: Sendable, Hashable, CustomStringConvertible {
    static let length = 16

    let bytes: [UInt8]

    /// - Precondition: 16 bytes.
    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        precondition(self.bytes.count == Self.length, "the id of a device has 16 bytes")
    }

    static func random() -> DeviceID { DeviceID((0..<length).map { _ in UInt8.random(in: 0...255) }) }

    var description: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// Proves that a browser has signed in to an account before. It opens nothing: it only decides which allowance an attempt
/// to sign in takes from.
///
/// 16 bytes of the device's id, 8 of the time of issue in seconds, and an HMAC-SHA256 of both and the account's username.
/// The username is not in it, so the cookie does not tell who uses a browser.
struct DeviceToken: Sendable, Equatable {
    static let lifetime: Duration = .seconds(365 * 86_400)
    private static let latestIssue: Int64 = 1 << 40
    private static let length = DeviceID.length + 8 + SHA256.byteCount

    let id: DeviceID
    /// Seconds since 1970.
    let issued: Int64
    private let code: [UInt8]

    init(_ id: DeviceID, for username: String, issued: Int64, key: SymmetricKey) {
        self.id = id
        self.issued = issued
        code = Array(
            HMAC<SHA256>.authenticationCode(for: Self.signed(id, issued: issued, username: username), using: key))
    }

    /// Nil for what is no token at all; whether it is a genuine one, ``isGenuine(for:key:)`` says.
    init?(_ text: some StringProtocol) {
        guard let bytes = Self.decoded(String(text)), bytes.count == Self.length else { return nil }
        id = DeviceID(bytes.prefix(DeviceID.length))
        issued = bytes.dropFirst(DeviceID.length).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
        // Anybody may have written it, and times are added to it.
        guard (0...Self.latestIssue).contains(issued) else { return nil }
        code = Array(bytes.suffix(SHA256.byteCount))
    }

    var text: String {
        Data(id.bytes + Self.bytes(issued) + code).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    func isExpired(now: Int64) -> Bool { issued + Self.lifetime.components.seconds <= now || issued > now + 86_400 }

    /// Whether this server made it for the account of that name.
    func isGenuine(for username: String, key: SymmetricKey) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Self.signed(id, issued: issued, username: username), using: key)
    }

    private static func signed(_ id: DeviceID, issued: Int64, username: String) -> [UInt8] {
        Array("martlet device 1\n".utf8) + id.bytes + bytes(issued) + Array(SignInThrottle.key(username).utf8)
    }

    private static func bytes(_ number: Int64) -> [UInt8] {
        stride(from: Int64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        guard text.utf8.count == (length * 4 + 2) / 3 else { return nil }
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map { Array($0) }
    }
}
