import ChatContracts
import JSON
import NIOCore

/// Events as bytes of a `text/event-stream`. Made once and shared by every stream that gets them.
enum ServerSentEvent {
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

    /// Shows both sides that the connection lives, and at the beginning that the server now hears everything that is for
    /// this user. An event rather than a comment, because browsers do not show comments to a page.
    static let alive = event("alive", data: "{}".utf8)

    /// The release that this gateway serves, as in the addresses of its assets: a page of another one is out of date.
    static func release(_ assets: String) -> ByteBuffer { event("version", data: "{\"assets\":\"\(assets)\"}".utf8) }

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

    /// The server is about to stop; the page comes back after the delay.
    static func goodbye(after delay: Duration) -> ByteBuffer {
        event("goodbye", data: String(delay.wholeMilliseconds).utf8)
    }

    /// How long a client that is not the page waits before it connects again once this stream has ended.
    static func retry(after delay: Duration) -> ByteBuffer {
        ByteBuffer(string: "retry: \(delay.wholeMilliseconds)\n\n")
    }
}
