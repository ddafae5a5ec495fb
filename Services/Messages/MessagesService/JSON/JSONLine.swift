import ChatContracts
import JSON
import Markdown

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
    static func size(of message: Message) -> Int {
        message.text.utf8.count + 320 + (message.replyTo?.text?.utf8.count ?? 0)
            + message.reactions.reduce(0) { $0 + 64 + 35 * $1.users.count } + 80 * message.mentions.count
    }

    static func append(_ message: Message, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(message.conversation, to: &line)
        line.append(contentsOf: "\",\"seq\":".utf8)
        JSONText.append(message.seq, to: &line)
        line.append(contentsOf: ",\"rev\":".utf8)
        JSONText.append(message.rev, to: &line)
        line.append(contentsOf: ",\"sender\":\"".utf8)
        append(message.sender, to: &line)
        line.append(contentsOf: "\",\"clientMessageId\":\"".utf8)
        append(message.clientMessageId, to: &line)
        line.append(contentsOf: "\",\"text\":".utf8)
        append(message.text, to: &line)
        if let formatted = message.formatted {
            line.append(contentsOf: ",\"formatted\":".utf8)
            formatted.append(to: &line)
        }
        line.append(contentsOf: ",\"sentAt\":\"".utf8)
        append(message.sentAt, to: &line)
        line.append(UInt8(ascii: "\""))
        appendChanges(of: message, to: &line)
        line.append(UInt8(ascii: "}"))
    }

    static func encode(_ reply: ChangeReply) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(size(of: reply.message) + 32)
        line.append(contentsOf: "{\"message\":".utf8)
        append(reply.message, to: &line)
        line.append(contentsOf: ",\"conflict\":".utf8)
        JSONText.append(reply.conflict, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    /// What only some messages have.
    private static func appendChanges(of message: Message, to line: inout [UInt8]) {
        if message.kind != .message {
            line.append(contentsOf: ",\"kind\":".utf8)
            append(message.kind.rawValue, to: &line)
        }
        if let told = message.line { append(told, to: &line) }
        if let edit = message.edit {
            line.append(contentsOf: ",\"edited\":{\"at\":\"".utf8)
            append(edit.at, to: &line)
            line.append(contentsOf: "\",\"rev\":".utf8)
            JSONText.append(edit.rev, to: &line)
            line.append(UInt8(ascii: "}"))
        }
        if message.isDeleted { line.append(contentsOf: ",\"deleted\":true".utf8) }
        if let quote = message.replyTo {
            line.append(contentsOf: ",\"replyTo\":{\"seq\":".utf8)
            JSONText.append(quote.seq, to: &line)
            line.append(contentsOf: ",\"sender\":\"".utf8)
            append(quote.sender, to: &line)
            line.append(UInt8(ascii: "\""))
            if let text = quote.text {
                line.append(contentsOf: ",\"text\":".utf8)
                append(text, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
        if !message.mentions.isEmpty {
            line.append(contentsOf: ",\"mentions\":".utf8)
            JSONText.append(message.mentions, to: &line) { $0.append(to: &$1) }
        }
        guard !message.reactions.isEmpty else { return }
        line.append(contentsOf: ",\"reactions\":".utf8)
        JSONText.append(message.reactions, to: &line) { reaction, line in
            line.append(contentsOf: "{\"emoji\":".utf8)
            append(reaction.emoji, to: &line)
            line.append(contentsOf: ",\"users\":".utf8)
            JSONText.append(reaction.users, to: &line) { user, line in
                line.append(UInt8(ascii: "\""))
                append(user, to: &line)
                line.append(UInt8(ascii: "\""))
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    static func encode(_ change: PositionChanged) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(change.conversation, to: &line)
        line.append(contentsOf: "\",\"user\":\"".utf8)
        append(change.user, to: &line)
        line.append(contentsOf: "\",\"received\":".utf8)
        JSONText.append(change.received, to: &line)
        line.append(contentsOf: ",\"read\":".utf8)
        JSONText.append(change.read, to: &line)
        line.append(contentsOf: ",\"unread\":".utf8)
        JSONText.append(change.unread, to: &line)
        line.append(contentsOf: ",\"head\":".utf8)
        JSONText.append(change.head, to: &line)
        append(unreadMarks: change.unreadMarks, to: &line)
        append(readAt: change.readAt, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func encode(_ change: ConversationSettingsChanged) -> [UInt8] {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(change.conversation, to: &line)
        line.append(UInt8(ascii: "\""))
        append(settings: change.settings, to: &line)
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

    static func append(unreadMarks: Int64?, to line: inout [UInt8]) {
        guard let unreadMarks else { return }
        line.append(contentsOf: ",\"unreadMarks\":".utf8)
        JSONText.append(unreadMarks, to: &line)
    }

    static func append(readAt: Timestamp?, to line: inout [UInt8]) {
        append(readAt, named: "readAt", to: &line)
    }

    static func append(settings: ConversationSettings?, to line: inout [UInt8]) {
        guard let settings else { return }
        line.append(contentsOf: ",\"settings\":{\"version\":".utf8)
        JSONText.append(settings.version, to: &line)
        append(settings.pinnedAt, named: "pinnedAt", to: &line)
        line.append(contentsOf: ",\"isMuted\":".utf8)
        JSONText.append(settings.isMuted, to: &line)
        append(settings.mutedUntil, named: "mutedUntil", to: &line)
        if let tellsMentions = settings.tellsMentions {
            line.append(contentsOf: ",\"tellsMentions\":".utf8)
            JSONText.append(tellsMentions, to: &line)
        }
        if let archivedThrough = settings.archivedThrough {
            line.append(contentsOf: ",\"archivedThrough\":".utf8)
            JSONText.append(archivedThrough, to: &line)
        }
        line.append(contentsOf: ",\"isBlocked\":".utf8)
        JSONText.append(settings.isBlocked, to: &line)
        if let request = settings.request { line.append(contentsOf: ",\"request\":\"\(request.rawValue)\"".utf8) }
        line.append(UInt8(ascii: "}"))
    }

    private static func append(_ time: Timestamp?, named name: String, to line: inout [UInt8]) {
        guard let time else { return }
        line.append(contentsOf: ",\"\(name)\":\"".utf8)
        append(time, to: &line)
        line.append(UInt8(ascii: "\""))
    }

    static func append<Kind>(_ identifier: Identifier<Kind>, to line: inout [UInt8]) {
        identifier.appendHexadecimal(to: &line)
    }

    static func append(_ time: Timestamp, to line: inout [UInt8]) {
        line.append(contentsOf: time.description.utf8)
    }

    static func append(_ text: String, to line: inout [UInt8]) {
        JSONText.append(text, to: &line, escapes: .shortLineFeed)
    }
}
