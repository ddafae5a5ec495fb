import ChatContracts

/// Writes JSON straight into bytes and on one line: the same fields in the same form as their `Codable` conformance gives,
/// at a fraction of its cost. Here what every message causes, whose bytes serve the reply and the event.
enum JSONLine {
    static func encode(_ message: Message) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(size(of: message))
        append(message, to: &line)
        return line
    }

    /// At least the bytes that a message takes, unless much of its text has to be escaped.
    static func size(of message: Message) -> Int { message.text.utf8.count + 320 }

    static func append(_ message: Message, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(message.conversation, to: &line)
        line.append(contentsOf: "\",\"seq\":".utf8)
        append(message.seq, to: &line)
        line.append(contentsOf: ",\"rev\":".utf8)
        append(message.rev, to: &line)
        line.append(contentsOf: ",\"sender\":\"".utf8)
        append(message.sender, to: &line)
        line.append(contentsOf: "\",\"clientMessageId\":\"".utf8)
        append(message.clientMessageId, to: &line)
        line.append(contentsOf: "\",\"text\":".utf8)
        append(message.text, to: &line)
        line.append(contentsOf: ",\"sentAt\":\"".utf8)
        append(message.sentAt, to: &line)
        line.append(contentsOf: "\"}".utf8)
    }

    static func encode(_ change: PositionChanged) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(change.conversation, to: &line)
        line.append(contentsOf: "\",\"user\":\"".utf8)
        append(change.user, to: &line)
        line.append(contentsOf: "\",\"received\":".utf8)
        append(change.received, to: &line)
        line.append(contentsOf: ",\"read\":".utf8)
        append(change.read, to: &line)
        line.append(contentsOf: ",\"unread\":".utf8)
        append(change.unread, to: &line)
        line.append(contentsOf: ",\"head\":".utf8)
        append(change.head, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func encode(_ opened: ConversationOpened) -> [UInt8] {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(opened.conversation, to: &line)
        line.append(contentsOf: "\"}".utf8)
        return line
    }

    private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

    static func append<Kind>(_ identifier: Identifier<Kind>, to line: inout [UInt8]) {
        identifier.appendHexadecimal(to: &line)
    }

    static func append(_ number: Int64, to line: inout [UInt8]) {
        line.append(contentsOf: String(number).utf8)
    }

    static func append(_ time: Timestamp, to line: inout [UInt8]) {
        line.append(contentsOf: time.description.utf8)
    }

    static func append(_ flag: Bool, to line: inout [UInt8]) {
        line.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// A JSON string. Only what JSON demands is escaped; the control characters are among it, so the line stays one.
    static func append(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                line.append(UInt8(ascii: "\\"))
                line.append(byte)
            case UInt8(ascii: "\n"):
                line.append(UInt8(ascii: "\\"))
                line.append(UInt8(ascii: "n"))
            case 0..<0x20:
                line.append(contentsOf: "\\u00".utf8)
                line.append(digits[Int(byte >> 4)])
                line.append(digits[Int(byte & 15)])
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
