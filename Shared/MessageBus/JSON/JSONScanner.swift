/// Reads one line of JSON front to back, for lines of which the shape is known and little is wanted: a general decoder would
/// cost more than everything else that is done with a small event, or with an answer that is passed on.
public struct JSONScanner {
    /// The line is not JSON, or not of the shape that was asked for.
    public struct Malformed: Error {
        public init() {}
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Reads an object and calls `member` with each key, which must consume the value.
    public mutating func object(_ member: (String, inout JSONScanner) throws(Malformed) -> Void) throws(Malformed) {
        try enter(UInt8(ascii: "{"))
        var first = true
        while !leave(UInt8(ascii: "}")) {
            if !first { try expect(UInt8(ascii: ",")) }
            first = false
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
        }
    }

    /// Reads an array and calls `element` before each of its elements, which it must consume.
    public mutating func array(_ element: (inout JSONScanner) throws(Malformed) -> Void) throws(Malformed) {
        try enter(UInt8(ascii: "["))
        var first = true
        while !leave(UInt8(ascii: "]")) {
            if !first { try expect(UInt8(ascii: ",")) }
            first = false
            try element(&self)
        }
    }

    mutating func string() throws(Malformed) -> String {
        let (content, escaped) = try stringContent()
        return escaped ? try Self.unescape(content) : String(decoding: content, as: UTF8.self)
    }

    /// A string whose bytes are wanted as they are; escapes are refused.
    public mutating func plainString() throws(Malformed) -> ArraySlice<UInt8> {
        let (content, escaped) = try stringContent()
        guard !escaped else { throw Malformed() }
        return content
    }

    public mutating func unsignedInteger() throws(Malformed) -> UInt64 {
        skipSpace()
        var value: UInt64 = 0
        let start = position
        while position < bytes.endIndex, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(digit))
            guard !tooLarge, !overflow else { throw Malformed() }
            value = sum
            position += 1
        }
        guard position > start else { throw Malformed() }
        return value
    }

    /// Consumes any value, and gives the bytes that it is written in.
    public mutating func value() throws(Malformed) -> ArraySlice<UInt8> {
        skipSpace()
        let start = position
        try skipValue()
        return bytes[start..<position]
    }

    /// Consumes any value.
    public mutating func skipValue() throws(Malformed) {
        switch peek() {
        case UInt8(ascii: "{"): try object { _, scanner throws(Malformed) in try scanner.skipValue() }
        case UInt8(ascii: "["): try array { scanner throws(Malformed) in try scanner.skipValue() }
        case UInt8(ascii: "\""): _ = try stringContent()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default:
            let start = position
            while position < bytes.endIndex, Self.isNumeric(bytes[position]) { position += 1 }
            guard position > start else { throw Malformed() }
        }
    }

    /// Consumes `null` if it comes next.
    mutating func null() throws(Malformed) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Refuses anything after the value.
    public mutating func end() throws(Malformed) {
        guard peek() == nil else { throw Malformed() }
    }

    // MARK: Tokens

    /// Deeper nesting is refused, so that no sender can exhaust the stack.
    private static let maximumDepth = 16

    private mutating func enter(_ opening: UInt8) throws(Malformed) {
        try expect(opening)
        depth += 1
        guard depth <= Self.maximumDepth else { throw Malformed() }
    }

    private mutating func leave(_ closing: UInt8) -> Bool {
        guard peek() == closing else { return false }
        position += 1
        depth -= 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard peek() == byte else { throw Malformed() }
        position += 1
    }

    private mutating func literal(_ text: StaticString) throws(Malformed) {
        for byte in text.description.utf8 {
            guard position < bytes.endIndex, bytes[position] == byte else { throw Malformed() }
            position += 1
        }
    }

    private mutating func peek() -> UInt8? {
        skipSpace()
        return position < bytes.endIndex ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): position += 1
            default: return
            }
        }
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func stringContent() throws(Malformed) -> (content: ArraySlice<UInt8>, escaped: Bool) {
        try expect(UInt8(ascii: "\""))
        let start = position
        var escaped = false
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return (bytes[start..<position], escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                position += 2
            default: position += 1
            }
        }
        throw Malformed()
    }

    private static func unescape(_ content: ArraySlice<UInt8>) throws(Malformed) -> String {
        var units: [UInt16] = []
        var text = ""
        var plain: [UInt8] = []
        func flushUnits() { if !units.isEmpty { text += String(decoding: units, as: UTF16.self); units = [] } }
        func flushPlain() { if !plain.isEmpty { text += String(decoding: plain, as: UTF8.self); plain = [] } }
        var index = content.startIndex
        while index < content.endIndex {
            guard content[index] == UInt8(ascii: "\\") else {
                flushUnits()
                plain.append(content[index])
                index += 1
                continue
            }
            guard index + 1 < content.endIndex else { throw Malformed() }
            let kind = content[index + 1]
            index += 2
            if kind == UInt8(ascii: "u") {
                guard index + 4 <= content.endIndex,
                    let unit = UInt16(String(decoding: content[index..<index + 4], as: UTF8.self), radix: 16)
                else { throw Malformed() }
                flushPlain()
                units.append(unit)
                index += 4
                continue
            }
            flushUnits()
            switch kind {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(kind)
            case UInt8(ascii: "b"): plain.append(8)
            case UInt8(ascii: "f"): plain.append(12)
            case UInt8(ascii: "n"): plain.append(10)
            case UInt8(ascii: "r"): plain.append(13)
            case UInt8(ascii: "t"): plain.append(9)
            default: throw Malformed()
            }
        }
        flushPlain()
        flushUnits()
        return text
    }
}
