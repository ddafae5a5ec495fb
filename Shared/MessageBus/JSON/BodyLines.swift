/// The lines of a body that carries several values, one on each line.
enum BodyLines {
    /// Appends a value and ends its line. A line feed within JSON can only be white space between tokens, so a space says
    /// the same and keeps one value on one line.
    static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
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
        while position < body.count, body[position] != BodyLines.lineFeed { position += 1 }
        defer { position += 1 }
        return body[start..<position]
    }
}
