import ChatContracts

/// What people sign in with and are found by: 3 to 32 of `a`-`z`, `A`-`Z`, `0`-`9`, `.`, `_` and `-`. Kept as its owner
/// wrote it, compared without case.
struct Username: Sendable {
    static let lengths = 3...32

    /// As its owner wrote it.
    let text: String
    /// Its lowercase form, which no two accounts share.
    var key: String { Self.key(of: text) }

    init(_ text: String) throws(Fault) {
        guard Self.isWellFormed(text) else {
            throw Fault(
                .invalid,
                "A username has 3 to 32 characters: letters from a to z, digits, dots, underscores and dashes.",
                field: "username")
        }
        self.text = text
    }

    /// The lowercase form of any text made of allowed characters; others are left as they are.
    static func key(of text: String) -> String {
        let lowered = text.utf8.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        return String(decoding: lowered, as: UTF8.self)
    }

    /// Whether some username could begin with `text`.
    static func canBegin(with text: String) -> Bool {
        text.utf8.count <= lengths.upperBound && text.utf8.allSatisfy(isAllowed)
    }

    /// For look-ups, where a malformed name is only an unknown one.
    static func isWellFormed(_ text: String) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
