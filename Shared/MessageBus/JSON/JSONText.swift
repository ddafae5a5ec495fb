/// Writes the small JSON of header lines straight into bytes.
enum JSONText {
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                let digit = byte & 15
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Ends the line with a line feed. A line feed within JSON can only be white space between tokens, so a space says
    /// the same and keeps one value on one line.
    static func appendLine(_ value: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: value)
        if value.contains(lineFeed) {
            for index in start..<bytes.count where bytes[index] == lineFeed { bytes[index] = UInt8(ascii: " ") }
        }
        bytes.append(lineFeed)
    }

    static let lineFeed = UInt8(ascii: "\n")
}

/// Cuts a body into its lines without copying.
struct LineReader {
    private let body: [UInt8]
    private var position = 0

    init(_ body: [UInt8]) { self.body = body }

    /// The next line without its line feed; nil at the end of the body.
    mutating func next() -> ArraySlice<UInt8>? {
        guard position < body.count else { return nil }
        let start = position
        while position < body.count, body[position] != JSONText.lineFeed { position += 1 }
        defer { position += 1 }
        return body[start..<position]
    }
}
