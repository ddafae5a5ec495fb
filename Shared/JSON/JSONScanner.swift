/// Reads one JSON text (RFC 8259) front to back, without building a tree: a general decoder would cost more than everything
/// else that is done with a small event, or with an answer that is passed on. ``JSONValue`` is the tree on top of it.
///
/// What is read is checked strictly. Of what is skipped, the contents of strings are not checked. An object may give a name
/// twice; its reader decides. No input makes it crash or use more stack than ``maximumDepth`` takes.
public struct JSONScanner {
    /// Deeper nesting of objects and arrays is refused, so that no sender can exhaust the stack. Nothing that Martlet reads
    /// needs more.
    public static let maximumDepth = 16

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    // MARK: Objects and arrays

    /// Reads an object and calls `member` with each name, which must consume the value.
    @inlinable
    public mutating func object(_ member: (String, inout JSONScanner) throws(Malformed) -> Void) throws(Malformed) {
        guard try enter(UInt8(ascii: "{"), until: UInt8(ascii: "}")) else { return }
        repeat {
            let name = try name()
            try member(name, &self)
        } while try continues(until: UInt8(ascii: "}"), or: .noCommaInObject)
    }

    /// Reads an array and calls `element` before each of its elements, which it must consume.
    @inlinable
    public mutating func array(_ element: (inout JSONScanner) throws(Malformed) -> Void) throws(Malformed) {
        guard try enter(UInt8(ascii: "["), until: UInt8(ascii: "]")) else { return }
        repeat {
            try element(&self)
        } while try continues(until: UInt8(ascii: "]"), or: .noCommaInArray)
    }

    /// Refuses anything after the value.
    public mutating func end() throws(Malformed) {
        guard peek() == nil else { throw failure(.textAfterEnd) }
    }

    // MARK: Values

    /// What kind of value comes next, by its first character.
    public mutating func kind() throws(Malformed) -> Kind {
        guard let byte = peek() else { throw failure(.endsEarly) }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw failure(.unexpectedCharacter)
        }
    }

    public mutating func string() throws(Malformed) -> String {
        let content = try stringContent()
        let isASCII = try isASCII(content.range)
        let written = bytes[content.range]
        let text: String?
        if content.isEscaped {
            text = String(validating: try unescaped(written), as: UTF8.self)
        } else if isASCII {
            text = String(decoding: written, as: UTF8.self)
        } else {
            text = String(validating: written, as: UTF8.self)
        }
        guard let text else { throw failure(.notUTF8) }
        return text
    }

    /// A string whose bytes are wanted as they are, whether UTF-8 or not; escapes are refused.
    public mutating func plainString() throws(Malformed) -> ArraySlice<UInt8> {
        let content = try stringContent()
        guard !content.isEscaped else { throw failure(.otherShape) }
        _ = try isASCII(content.range)
        return bytes[content.range]
    }

    public mutating func unsignedInteger() throws(Malformed) -> UInt64 {
        skipSpace()
        let start = position
        var value: UInt64 = 0
        while position < bytes.endIndex, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
            guard !isTooLarge, !overflows else { throw failure(.numberOutOfRange) }
            value = sum
            position += 1
        }
        guard position > start else { throw failure(.noDigit) }
        guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else { throw failure(.unexpectedCharacter) }
        return value
    }

    public mutating func boolean() throws(Malformed) -> Bool {
        if peek() == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    /// Consumes `null` if it comes next.
    public mutating func null() throws(Malformed) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
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
        switch try kind() {
        case .object: try object { _, scanner throws(Malformed) in try scanner.skipValue() }
        case .array: try array { scanner throws(Malformed) in try scanner.skipValue() }
        case .string: _ = try stringContent()
        case .boolean: _ = try boolean()
        case .null: try literal("null")
        case .number: try skipNumber()
        }
    }

    // MARK: Tokens

    /// An error about the place that has been reached.
    @inline(never)
    func failure(_ reason: Malformed.Reason) -> Malformed {
        failure(reason, at: position)
    }

    /// Begins an object or an array; false if it ends at once.
    @usableFromInline
    mutating func enter(_ opening: UInt8, until closing: UInt8) throws(Malformed) -> Bool {
        guard peek() == opening else { throw failure(.otherShape) }
        guard depth < Self.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        depth += 1
        return !leave(closing)
    }

    /// The name of the next member, with its colon.
    @usableFromInline
    mutating func name() throws(Malformed) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw failure(.noName) }
        let name = try string()
        guard peek() == UInt8(ascii: ":") else { throw failure(.noColon) }
        position += 1
        return name
    }

    /// Whether a comma comes next, and not the end.
    @usableFromInline
    mutating func continues(until closing: UInt8, or reason: Malformed.Reason) throws(Malformed) -> Bool {
        guard peek() == UInt8(ascii: ",") else {
            guard leave(closing) else { throw failure(reason) }
            return false
        }
        position += 1
        return true
    }

    private mutating func leave(_ closing: UInt8) -> Bool {
        guard peek() == closing else { return false }
        position += 1
        depth -= 1
        return true
    }

    private mutating func literal(_ word: String) throws(Malformed) {
        for byte in word.utf8 {
            guard position < bytes.endIndex, bytes[position] == byte else { throw failure(.unexpectedWord) }
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

    // MARK: Numbers

    private mutating func skipNumber() throws(Malformed) {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try skipDigits() }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
            try skipDigits()
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.endIndex, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() throws(Malformed) {
        let start = position
        while position < bytes.endIndex, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure(.noDigit) }
    }

    // MARK: Strings

    /// What stands between the quotes of a string.
    private struct StringContent {
        let range: Range<Int>
        let isEscaped: Bool
    }

    private mutating func stringContent() throws(Malformed) -> StringContent {
        guard peek() == UInt8(ascii: "\"") else { throw failure(.otherShape) }
        let start = position + 1
        let (end, isEscaped) = stringEnd(from: start)
        position = end
        guard end < bytes.endIndex else { throw failure(.stringWithoutEnd) }
        position += 1
        return StringContent(range: start..<end, isEscaped: isEscaped)
    }

    /// Where a string that begins at `start` has its second quote; the end of the text if it has none. Every byte of a text
    /// passes here.
    private func stringEnd(from start: Int) -> (end: Int, isEscaped: Bool) {
        let text = bytes.span
        var index = start - bytes.startIndex
        var isEscaped = false
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): return (index + bytes.startIndex, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                index += 2
            default: index += 1
            }
        }
        return (bytes.endIndex, isEscaped)
    }

    /// Whether the content of a string is ASCII. Refuses control characters.
    private func isASCII(_ content: Range<Int>) throws(Malformed) -> Bool {
        var bits: UInt8 = 0
        var lowest: UInt8 = 0xff
        for byte in bytes[content] {
            bits |= byte
            lowest = min(lowest, byte)
        }
        guard lowest >= 0x20 else {
            throw failure(.controlCharacter, at: bytes[content].firstIndex { $0 < 0x20 } ?? content.lowerBound)
        }
        return bits < 0x80
    }

    private func unescaped(_ content: ArraySlice<UInt8>) throws(Malformed) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var rest = content
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: try escapedScalar(&rest))
            default: throw failure(.unknownEscape, at: rest.startIndex)
            }
        }
        return text
    }

    /// The character of `\uXXXX`, or of two of them, behind the first `\u`.
    private func escapedScalar(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> UTF8.EncodedScalar {
        let unit = try hexadecimalUnit(&rest)
        var code = UInt32(unit)
        if unit & 0xfc00 == 0xd800 {
            guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"),
                case let low = try hexadecimalUnit(&rest), low & 0xfc00 == 0xdc00
            else { throw failure(.halfSurrogatePair, at: rest.startIndex) }
            code = 0x10000 + (UInt32(unit & 0x3ff) << 10 | UInt32(low & 0x3ff))
        }
        guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else {
            throw failure(.halfSurrogatePair, at: rest.startIndex)
        }
        return encoded
    }

    private func hexadecimalUnit(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = rest.popFirst() else { throw failure(.unknownEscape, at: rest.startIndex) }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw failure(.unknownEscape, at: rest.startIndex)
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private func failure(_ reason: Malformed.Reason, at index: Int) -> Malformed {
        Malformed(offset: index - bytes.startIndex, reason: reason)
    }
}
