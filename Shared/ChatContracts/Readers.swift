/// Who has read one of the user's messages. Faults: `not-found` (unknown conversation or message), `forbidden` (somebody else's
/// message, or a group of more than ``Limits/groupMembersWithReaders`` members), `gone` (it was deleted).
public struct ReadMessageReaders: MessagesQuery {
    public static let typeName = "message.readers.v1"
    public typealias Reply = MessageReaders
    public var user: UserID
    public var conversation: ConversationID
    public var seq: Int64

    public init(user: UserID, conversation: ConversationID, seq: Int64) {
        self.user = user
        self.conversation = conversation
        self.seq = seq
    }
}

public struct MessageReaders: Codable, Sendable, Hashable {
    /// Those of the members who were there when the message was sent and have read it, in the order of their ids.
    public var readers: [Reader]
    /// How many others were there, and have not read it.
    public var unread: Int

    public init(readers: [Reader], unread: Int) {
        self.readers = readers
        self.unread = unread
    }

    public struct Reader: Codable, Sendable, Hashable {
        public var user: UserID

        public init(user: UserID) { self.user = user }
    }
}
