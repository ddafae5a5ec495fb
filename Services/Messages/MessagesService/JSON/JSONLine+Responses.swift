import ChatContracts
import JSON

/// What is read: pages of messages and of conversations, and what a sync brings.
extension JSONLine {
    static func encode(_ page: MessagePage) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(page.messages.reduce(128) { $0 + size(of: $1) })
        line.append(contentsOf: "{\"messages\":".utf8)
        JSONText.append(page.messages, to: &line, each: append)
        line.append(contentsOf: ",\"head\":".utf8)
        JSONText.append(page.head, to: &line)
        line.append(contentsOf: ",\"hasOlder\":".utf8)
        JSONText.append(page.hasOlder, to: &line)
        line.append(contentsOf: ",\"hasNewer\":".utf8)
        JSONText.append(page.hasNewer, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func encode(_ conversation: Conversation) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(size(of: conversation))
        append(conversation, to: &line)
        return line
    }

    static func encode(_ page: ConversationPage) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(page.conversations.reduce(128) { $0 + size(of: $1) })
        line.append(contentsOf: "{\"conversations\":".utf8)
        JSONText.append(page.conversations, to: &line, each: append)
        if let next = page.next {
            line.append(contentsOf: ",\"next\":".utf8)
            append(next, to: &line)
        }
        line.append(UInt8(ascii: "}"))
        return line
    }

    static func encode(_ response: SyncResponse) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(
            response.changes.reduce(response.conversations.reduce(128) { $0 + size(of: $1) }) {
                $0 + $1.messages.reduce(160) { $0 + size(of: $1) }
            })
        line.append(contentsOf: "{\"conversations\":".utf8)
        JSONText.append(response.conversations, to: &line, each: append)
        line.append(contentsOf: ",\"changes\":".utf8)
        JSONText.append(response.changes, to: &line, each: append)
        line.append(contentsOf: ",\"more\":".utf8)
        JSONText.append(response.more, to: &line)
        line.append(UInt8(ascii: "}"))
        return line
    }

    private static func size(of conversation: Conversation) -> Int {
        160 + 96 * conversation.members.count + (conversation.lastMessage.map(size) ?? 0)
    }

    private static func append(_ conversation: Conversation, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"id\":\"".utf8)
        append(conversation.id, to: &line)
        line.append(contentsOf: "\",\"form\":".utf8)
        append(conversation.form.rawValue, to: &line)
        line.append(contentsOf: ",\"members\":".utf8)
        JSONText.append(conversation.members, to: &line, each: append)
        line.append(contentsOf: ",\"head\":".utf8)
        JSONText.append(conversation.head, to: &line)
        line.append(contentsOf: ",\"unread\":".utf8)
        JSONText.append(conversation.unread, to: &line)
        if let last = conversation.lastMessage {
            line.append(contentsOf: ",\"lastMessage\":".utf8)
            append(last, to: &line)
        }
        line.append(contentsOf: ",\"createdAt\":\"".utf8)
        append(conversation.createdAt, to: &line)
        line.append(UInt8(ascii: "\""))
        if let isRefused = conversation.isRefused {
            line.append(contentsOf: ",\"isRefused\":".utf8)
            JSONText.append(isRefused, to: &line)
        }
        append(group: conversation.group, to: &line)
        if let mentions = conversation.mentions {
            line.append(contentsOf: ",\"mentions\":".utf8)
            JSONText.append(mentions, to: &line) { JSONText.append($0, to: &$1) }
        }
        line.append(UInt8(ascii: "}"))
    }

    private static func append(_ member: Conversation.Member, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"user\":\"".utf8)
        append(member.user, to: &line)
        line.append(contentsOf: "\",\"received\":".utf8)
        JSONText.append(member.received, to: &line)
        line.append(contentsOf: ",\"read\":".utf8)
        JSONText.append(member.read, to: &line)
        append(unreadMarks: member.unreadMarks, to: &line)
        append(readAt: member.readAt, to: &line)
        append(settings: member.settings, to: &line)
        line.append(UInt8(ascii: "}"))
    }

    private static func append(_ changes: ConversationChanges, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"conversation\":\"".utf8)
        append(changes.conversation, to: &line)
        line.append(contentsOf: "\",\"cursor\":".utf8)
        JSONText.append(changes.cursor, to: &line)
        line.append(contentsOf: ",\"messages\":".utf8)
        JSONText.append(changes.messages, to: &line, each: append)
        line.append(contentsOf: ",\"reset\":".utf8)
        JSONText.append(changes.reset, to: &line)
        line.append(contentsOf: ",\"hasOlder\":".utf8)
        JSONText.append(changes.hasOlder, to: &line)
        line.append(UInt8(ascii: "}"))
    }
}
