/// Appends values as JSON to bytes. Everything that this project writes by hand is made of these; ``JSONWriter`` sets the
/// commas and names as well.
public enum JSONText {
    /// How control characters in strings are written. Quotes and backslashes are always escaped, everything else never.
    public enum Escapes: Sendable {
        /// All as `\u00xx`.
        case numbers
        /// A line feed as `\n`, the others as `\u00xx`.
        case shortLineFeed
        /// Line feed, carriage return and tab as `\n`, `\r` and `\t`, the others and DEL as `\u00xx`: what a terminal may
        /// show.
        case forPeople
    }

    /// Appends a string with its quotes. The result has no line feed.
    public static func append(_ text: String, to bytes: inout [UInt8], escapes: Escapes = .numbers) {
        bytes.append(UInt8(ascii: "\""))
        // Copied as a whole, because nearly every string needs no escape.
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        let first = firstEscape(in: bytes, from: start)
        if first < bytes.count {
            let rest = Array(bytes[first...])
            bytes.removeSubrange(first...)
            for byte in rest {
                if mayNeedEscape(byte) { appendEscaped(byte, to: &bytes, escapes) } else { bytes.append(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a whole number.
    @inlinable
    public static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Appends `true` or `false`.
    @inlinable
    public static func append(_ flag: Bool, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// Appends an array, whose items `append` writes one by one.
    @inlinable
    public static func append<Item>(
        _ items: some Sequence<Item>, to bytes: inout [UInt8], each append: (Item, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            append(item, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Where the first byte is that may have to be escaped; the end if there is none.
    private static func firstEscape(in bytes: borrowing [UInt8], from start: Int) -> Int {
        let text = bytes.span
        var index = start
        while index < text.count, !mayNeedEscape(text[index]) { index += 1 }
        return index
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7f
    }

    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8], _ escapes: Escapes) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(escape: byte, to: &bytes)
        case UInt8(ascii: "\n") where escapes != .numbers: append(escape: UInt8(ascii: "n"), to: &bytes)
        case UInt8(ascii: "\r") where escapes == .forPeople: append(escape: UInt8(ascii: "r"), to: &bytes)
        case UInt8(ascii: "\t") where escapes == .forPeople: append(escape: UInt8(ascii: "t"), to: &bytes)
        case 0x7f where escapes != .forPeople: bytes.append(byte)
        case 0..<0x20, 0x7f:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(digit(byte >> 4))
            bytes.append(digit(byte & 15))
        default: bytes.append(byte)
        }
    }

    private static func append(escape character: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(character)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}
