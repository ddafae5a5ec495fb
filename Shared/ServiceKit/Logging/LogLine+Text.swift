import Logging

/// A line for people: time, level, service and message in columns, then the metadata as `key=value`.
extension LogLine {
    func text() -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(192)
        time.append(to: &line, forPeople: true)
        line.append(UInt8(ascii: " "))
        Self.append(level.rawValue.uppercased(), column: 8, to: &line)
        line.append(UInt8(ascii: " "))
        Self.append(service, column: 8, to: &line)
        line.append(UInt8(ascii: " "))
        let message = Self.escaped(message)
        let isLast = metadata.isEmpty && error == nil
        Self.append(message, column: isLast ? 0 : 40, to: &line)
        for (key, value) in metadata { Self.append(Self.escaped(key), value, to: &line) }
        if let error { Self.append("error", .text(error), to: &line) }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func append(_ text: String, column width: Int, to line: inout [UInt8]) {
        line += text.utf8
        guard width > 0 else { return }
        let count = text.count
        if count < width { line += repeatElement(UInt8(ascii: " "), count: width - count) }
    }

    private static func append(_ key: String, _ value: LogValue, to line: inout [UInt8]) {
        switch value {
        case .text(let text):
            line.append(UInt8(ascii: " "))
            line += key.utf8
            line.append(UInt8(ascii: "="))
            let escaped = escaped(text)
            let needsQuotes = escaped.isEmpty || escaped.utf8.contains(where: mustBeQuoted)
            line += (needsQuotes ? "\"" + escaped.replacing("\"", with: "\\\"") + "\"" : escaped).utf8
        case .list(let values):
            if values.isEmpty { append(key, .text("[]"), to: &line) }
            for (index, value) in values.enumerated() { append("\(key).\(index)", value, to: &line) }
        case .fields(let fields):
            for field in fields { append("\(key).\(escaped(field.key))", field.value, to: &line) }
        }
    }

    private static func mustBeQuoted(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\"")
    }

    /// Without anything that could begin a new line or move the cursor of a terminal.
    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { !(0x20..<0x7f).contains($0) }),
            text.unicodeScalars.contains(where: isControl)
        else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
