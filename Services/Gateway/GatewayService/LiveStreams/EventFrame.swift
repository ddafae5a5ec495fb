import ChatContracts
import NIOCore

/// Events as bytes of a `text/event-stream`. Made once and shared by every stream that gets them.
enum EventFrame {
    /// An event with the JSON that a service wrote, unparsed.
    static func event(_ name: String, data: some Collection<UInt8>) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(name.utf8.count + data.count + 16)
        buffer.writeString("event: ")
        buffer.writeString(name)
        buffer.writeString("\ndata: ")
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
        return buffer
    }

    /// The client may have missed events and has to sync.
    static let resync = event(EventName.resync, data: "{}".utf8)

    /// Shows both sides that the connection lives.
    static let comment = ByteBuffer(string: ":\n\n")

    /// The heads of a user's recently changed conversations.
    static func digest(_ heads: [ConversationID: Int64]) -> ByteBuffer {
        var writer = JSONWriter(capacity: heads.count * 48 + 2)
        writer.object { writer in
            for (conversation, head) in heads.sorted(by: { $0.key < $1.key }) {
                writer.name(conversation.description)
                writer.integer(head)
            }
        }
        return event(EventName.digest, data: writer.bytes)
    }

    /// How long the browser waits before it connects again once this stream has ended.
    static func retry(after delay: Duration) -> ByteBuffer {
        ByteBuffer(string: "retry: \(delay.wholeMilliseconds)\n\n")
    }
}
