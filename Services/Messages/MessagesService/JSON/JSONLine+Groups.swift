import ChatContracts
import JSON

/// What only groups have.
extension JSONLine {
    static func encode(_ closed: ConversationClosed) -> [UInt8] {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(closed.conversation, to: &line)
        line.append(contentsOf: "\",\"rev\":".utf8)
        JSONText.append(closed.rev, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func encode(_ change: GroupChanged) -> [UInt8] {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(change.conversation, to: &line)
        line.append(UInt8(ascii: "\""))
        append(group: change.group, to: &line)
        if let told = change.line {
            line.append(contentsOf: ",\"line\":".utf8)
            append(told, to: &line)
        }
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func append(group: GroupInfo?, to line: inout [UInt8]) {
        guard let group else { return }
        line.append(contentsOf: ",\"group\":{\"name\":".utf8)
        append(group.name, to: &line)
        if let about = group.about {
            line.append(contentsOf: ",\"about\":".utf8)
            append(about, to: &line)
        }
        line.append(contentsOf: ",\"showsHistory\":".utf8)
        JSONText.append(group.showsHistory, to: &line)
        line.append(contentsOf: ",\"memberCount\":".utf8)
        JSONText.append(Int64(group.memberCount), to: &line)
        line.append(contentsOf: ",\"version\":".utf8)
        JSONText.append(group.version, to: &line)
        line.append(contentsOf: ",\"role\":".utf8)
        append(group.role.rawValue, to: &line)
        line.append(contentsOf: ",\"historyFrom\":".utf8)
        JSONText.append(group.historyFrom, to: &line)
        line.append(UInt8(ascii: "}"))
    }

    static func append(_ told: GroupLine, to line: inout [UInt8]) {
        line.append(contentsOf: ",\"line\":{\"type\":".utf8)
        append(told.kind.rawValue, to: &line)
        if !told.users.isEmpty {
            line.append(contentsOf: ",\"users\":".utf8)
            JSONText.append(Array(told.named), to: &line) { user, line in
                line.append(UInt8(ascii: "\""))
                append(user, to: &line)
                line.append(UInt8(ascii: "\""))
            }
            line.append(contentsOf: ",\"count\":".utf8)
            JSONText.append(Int64(told.userCount), to: &line)
        }
        if let role = told.role {
            line.append(contentsOf: ",\"role\":".utf8)
            append(role.rawValue, to: &line)
        }
        if let name = told.name {
            line.append(contentsOf: ",\"name\":".utf8)
            append(name, to: &line)
        }
        if told.hasAbout { line.append(contentsOf: ",\"about\":true".utf8) }
        if let showsHistory = told.showsHistory {
            line.append(contentsOf: ",\"showsHistory\":".utf8)
            JSONText.append(showsHistory, to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }
}
