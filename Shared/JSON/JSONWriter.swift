/// Writes one JSON value into bytes, with the commas between its parts: for problem documents, log lines and frames, where
/// a `Codable` round trip would cost more than the rest of the work.
///
/// The caller has to call ``name(_:)`` before each value of an object and only there.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    private let escapes: JSONText.Escapes
    private var needsComma = false

    public init(capacity: Int = 256, escapes: JSONText.Escapes = .numbers) {
        self.escapes = escapes
        bytes.reserveCapacity(capacity)
    }

    public mutating func object(_ members: (inout JSONWriter) -> Void) { enclose("{", "}", members) }

    public mutating func array(_ elements: (inout JSONWriter) -> Void) { enclose("[", "]", elements) }

    public mutating func name(_ name: String) {
        separate()
        JSONText.append(name, to: &bytes, escapes: escapes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        JSONText.append(value, to: &bytes, escapes: escapes)
        needsComma = true
    }

    public mutating func boolean(_ value: Bool) {
        separate()
        JSONText.append(value, to: &bytes)
        needsComma = true
    }

    public mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        JSONText.append(value, to: &bytes)
        needsComma = true
    }

    /// A value that is JSON already.
    public mutating func json(_ value: [UInt8]) {
        separate()
        bytes.append(contentsOf: value)
        needsComma = true
    }

    /// A string that `append` writes without its quotes; it must need no escape.
    public mutating func plainString(_ append: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Ends the line after a whole value.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func enclose(
        _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ content: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: opening))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: closing))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}
