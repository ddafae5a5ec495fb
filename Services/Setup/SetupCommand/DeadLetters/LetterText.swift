import ChatContracts
import Foundation
import MessageBus

/// Letters as an operator reads them. What people sent is never printed as it came: it may hold a password, and it may
/// hold what a terminal would obey.
struct LetterText {
    var entry: DeadLetterDesk.Entry

    private var letter: DeadLetteredCommand { entry.letter }
    private var isOfAnAccount: Bool { letter.deadLetterQueue == Topology.userDeadLetters }

    /// Two lines.
    var summary: String {
        let head = [
            String(entry.number), entry.mark, time, letter.deadLetterQueue, type,
            letter.deliveries.map { $0 == 1 ? "1 delivery" : "\($0) deliveries" },
        ]
        let fields = shownFields.filter { Self.identities.contains($0.name) }.map {
            "\($0.name) \(Self.plain($0.value))"
        }
        let what =
            fields.isEmpty
            ? "\(letter.command.body.count) bytes without an id or a name" : fields.joined(separator: " ")
        return "\(head.compactMap(\.self).joined(separator: "  "))\n    \(Self.plain(letter.reason)); \(what)"
    }

    /// Everything that is known.
    var full: String {
        var lines = [
            "number       \(entry.number)", "mark         \(entry.mark)", "time         \(time)",
            "queue        \(letter.deadLetterQueue)", "came from    \(Self.plain(letter.origin ?? "unknown"))",
            "sent by      \(Self.plain(letter.sender ?? "unknown"))", "reason       \(Self.plain(letter.reason))",
            "type         \(type)", "deliveries   \(letter.deliveries.map(String.init) ?? "unknown")",
            "request      \(Self.plain(letter.command.context.requestID))",
            "correlation  \(Self.plain(letter.command.correlationID))", "bytes        \(letter.command.body.count)",
        ]
        switch Replay.destination(of: letter.command) {
        case .success(let queue): lines.append("replay       goes to \(queue)")
        case .failure(let obstacle): lines.append("replay       impossible: \(Self.plain(obstacle.reason))")
        }
        guard fields != nil else {
            lines.append("body         \(isOfAnAccount ? "cannot be read, and may hold a password" : Self.plain(text))")
            return lines.joined(separator: "\n")
        }
        lines += shownFields.map { field in
            "  \(Self.plain(field.name)): \(Self.plain(field.value))"
        }
        return lines.joined(separator: "\n")
    }

    private static let identities: Set<String> = [
        "conversation", "sender", "user", "other", "clientMessageId", "id", "username",
    ]
    /// The only fields of commands about accounts that are no secret.
    private static let open: Set<String> = ["id", "user", "username", "displayName"]

    private var text: String { String(decoding: letter.command.body, as: UTF8.self) }
    private var type: String { letter.command.type.isEmpty ? "no type" : Self.plain(letter.command.type) }

    private var time: String {
        guard let seconds = letter.time else { return "at an unknown time" }
        return Timestamp(milliseconds: Int64(clamping: seconds) &* 1_000).description
    }

    private var fields: [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(letter.command.body))) as? [String: Any]
    }

    private var shownFields: [(name: String, value: String)] {
        (fields ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            let isSecret = isOfAnAccount && !Self.open.contains(name) || name.lowercased().contains("password")
            return (name, isSecret ? "(not shown)" : "\(value)")
        }
    }

    /// Without line breaks and whatever else a terminal would obey.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
