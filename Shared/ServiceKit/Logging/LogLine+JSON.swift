import Logging

/// One line, one JSON object: `time`, `level`, `service`, `logger`, `message`, `error` where there is one, and the
/// metadata beside them.
extension LogLine {
    private static let reservedKeys: Set<String> = ["time", "level", "service", "logger", "message", "error"]

    func json() -> [UInt8] {
        var line = Array(#"{"time":""#.utf8)
        line.reserveCapacity(256)
        time.append(to: &line, forPeople: false)
        line += #"","level":""#.utf8
        line += level.rawValue.utf8
        line.append(UInt8(ascii: "\""))
        Self.append("service", .text(service), to: &line)
        Self.append("logger", .text(label), to: &line)
        Self.append("message", .text(message), to: &line)
        if let error { Self.append("error", .text(error), to: &line) }
        for (key, value) in metadata {
            Self.append(Self.reservedKeys.contains(key) ? "metadata." + key : key, value, to: &line)
        }
        line += "}\n".utf8
        return line
    }

    private static func append(_ key: String, _ value: LogValue, to line: inout [UInt8]) {
        line.append(UInt8(ascii: ","))
        append(key, to: &line)
        line.append(UInt8(ascii: ":"))
        append(value, to: &line)
    }

    private static func append(_ value: LogValue, to line: inout [UInt8]) {
        switch value {
        case .text(let text):
            append(text, to: &line)
        case .list(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        case .fields(let fields):
            line.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(field.key, to: &line)
                line.append(UInt8(ascii: ":"))
                append(field.value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to line: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): line += #"\""#.utf8
            case UInt8(ascii: "\\"): line += #"\\"#.utf8
            case UInt8(ascii: "\n"): line += #"\n"#.utf8
            case UInt8(ascii: "\r"): line += #"\r"#.utf8
            case UInt8(ascii: "\t"): line += #"\t"#.utf8
            case 0..<0x20, 0x7f:
                line += #"\u00"#.utf8
                line.append(digits[Int(byte >> 4)])
                line.append(digits[Int(byte & 15)])
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
