import ChatContracts
import JSON

/// What somebody has begun to write in a conversation and not sent. It follows its writer to every device.
struct Draft: Sendable, Hashable {
    /// UTF-8 bytes of a draft. A text that nobody could send stays in the browser.
    static let mostBytes = Limits.messageBytes
    /// Drafts of one user, and as many empty ones; beyond, the oldest go.
    static let mostPerUser = 200
    /// So long it is remembered that there is none any more, for devices that were away.
    static let emptyLifetime: Int64 = 30 * 86_400_000

    var conversation: ConversationID
    /// Empty for none: it was sent, or taken away.
    var text: String
    /// The `seq` of the message that it answers.
    var replyTo: Int64?
    /// When it was written, by the clock of the database: of two states the one that was written later counts.
    var writtenAt: Timestamp

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 128 + text.utf8.count)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.name("conversation")
            object.string(conversation.description)
            object.name("text")
            object.string(text)
            if let replyTo {
                object.name("replyTo")
                object.integer(replyTo)
            }
            object.name("writtenAt")
            object.string(writtenAt.description)
        }
    }
}

/// A draft as a device sends it.
struct WrittenDraft: Sendable, Hashable {
    var conversation: ConversationID
    /// Empty for none: it was sent, or taken away.
    var text: String
    /// The `seq` of the message that it answers.
    var replyTo: Int64?
    /// How long ago it was written, in milliseconds.
    var age: Int64
}
