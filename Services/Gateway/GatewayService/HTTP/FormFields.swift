import Hummingbird

/// Fields of a form or a query, `application/x-www-form-urlencoded`. The first of several equal names counts.
struct FormFields {
    private var values: [String: String] = [:]

    init(_ encoded: some StringProtocol) {
        for pair in encoded.split(separator: "&", omittingEmptySubsequences: true) {
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            guard let name = Self.decoded(name), let value = Self.decoded(value), values[name] == nil else { continue }
            values[name] = value
        }
    }

    init(queryOf request: Request) { self.init(request.uri.query ?? "") }

    init(bodyOf request: Request) async throws {
        let body = try await request.collectedBody()
        try BodyRules.check(request.headers, size: body.readableBytes, .form)
        self.init(String(buffer: body))
    }

    subscript(name: String) -> String? { values[name] }

    /// The value of a field, or the empty text.
    func text(_ name: String) -> String { values[name] ?? "" }

    /// The value of a text area, whose line breaks browsers send as CR LF.
    func lines(_ name: String) -> String { text(name).replacing("\r\n", with: "\n") }

    /// Undoes percent encoding; nil if it is broken or not UTF-8. A plus sign stands for a space.
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = true) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    /// Percent-encodes everything but letters, digits and `-._~`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
