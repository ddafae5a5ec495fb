import Crypto
import Foundation

/// What a browser's cookie holds: 256 random bits in URL-safe base64 without padding. Only its hash is ever stored.
struct SessionToken: Sendable, Equatable {
    let text: String

    static func random() -> SessionToken {
        var source = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<4 { bytes += bigEndianBytes(source.next()) }
        let text = Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        return SessionToken(unchecked: text)
    }

    /// Nil for anything that ``random()`` could not have made.
    init?(_ text: some StringProtocol) {
        let isToken =
            text.utf8.count == 43
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isToken else { return nil }
        self.text = String(text)
    }

    private init(unchecked text: String) { self.text = text }

    /// The name of the session in the database and in events. A plain hash is enough for 256 random bits.
    var key: SessionKey {
        var hash = SHA256()
        hash.update(data: Array(text.utf8))
        return SessionKey(digest: Array(hash.finalize()))
    }
}

/// The eight bytes of a number, most significant first.
private func bigEndianBytes(_ value: UInt64) -> [UInt8] {
    stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
}

/// The SHA-256 of a session's token: names the session without being able to open it. Its text form is 64 lowercase
/// hexadecimal digits.
struct SessionKey: Sendable, Hashable, LosslessStringConvertible {
    private let parts: [UInt64]

    /// - Precondition: 32 bytes.
    init(digest: [UInt8]) {
        precondition(digest.count == 32, "a SHA-256 digest has 32 bytes")
        parts = stride(from: 0, to: 32, by: 8).map { start in
            digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    init?(_ text: String) {
        guard text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var half: UInt8?
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let high = half {
                bytes.append(high << 4 | value)
                half = nil
            } else {
                half = value
            }
        }
        self.init(digest: bytes)
    }

    var bytes: [UInt8] { parts.flatMap(bigEndianBytes) }

    var description: String {
        parts.map { part in
            let digits = String(part, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
