/// Replaces the text of one's own message. Goes to the shard of the conversation. Idempotent: a repeat finds the text
/// that it wants and changes nothing.
///
/// Faults: `not-found` (unknown conversation or message, or the user is not a member), `forbidden` (somebody else's),
/// `gone` (deleted), `not-editable` (a system line), `invalid` (text). If the text that stands is another one than the
/// edit names, the reply says so.
public struct EditMessage: ConversationCommand {
    public static let typeName = "message.edit.v1"
    public typealias Reply = ChangeReply
    public var conversation: ConversationID
    public var user: UserID
    public var seq: Int64
    /// The ``Message/textRev`` of the text that it replaces, so that of two edits at once one wins, and that a reaction
    /// in between changes nothing.
    public var rev: Int64
    public var text: String
    /// As of ``SendMessage``; they take the place of those of the text before.
    public var mentions: [Mention]?

    public init(
        conversation: ConversationID, user: UserID, seq: Int64, rev: Int64, text: String, mentions: [Mention]? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.seq = seq
        self.rev = rev
        self.text = text
        self.mentions = mentions
    }

    public var refusal: Fault? {
        .refusal(ofPlace: seq) ?? MessageText.refusal(of: text) ?? Mention.refusal(of: mentions)
    }
}

/// The reply to a change that names the state which it replaces.
public struct ChangeReply: Codable, Sendable, Hashable {
    /// The message as it is now.
    public var message: Message
    /// Whether another change was faster: nothing was changed, and the message is neither as named nor as wanted.
    public var conflict: Bool

    public init(message: Message, conflict: Bool) {
        self.message = message
        self.conflict = conflict
    }
}

/// Deletes one's own message for everybody: what stays is its place, its sender and its times. Goes to the shard of the
/// conversation. Idempotent. Faults: `not-found`, `forbidden` (somebody else's), `not-editable` (a system line).
public struct DeleteMessage: ConversationCommand {
    public static let typeName = "message.delete.v1"
    public typealias Reply = Message
    public var conversation: ConversationID
    public var user: UserID
    public var seq: Int64

    public init(conversation: ConversationID, user: UserID, seq: Int64) {
        self.conversation = conversation
        self.user = user
        self.seq = seq
    }

    public var refusal: Fault? { .refusal(ofPlace: seq) }
}

/// Adds a member's reaction to a message. Goes to the shard of the conversation. Idempotent, also if it arrives again
/// after the reaction was taken back: then the reply is a conflict. Faults: `not-found`, `gone` (deleted),
/// `not-editable` (a system line), `invalid` (not one emoji; too many kinds, or too many reactions).
public struct SetReaction: ConversationCommand {
    public static let typeName = "reaction.set.v1"
    public typealias Reply = ChangeReply
    public var conversation: ConversationID
    public var user: UserID
    public var seq: Int64
    /// The ``Message/rev`` that the user saw. If any reaction to the message was taken back since, the reply is a conflict.
    public var rev: Int64
    /// One emoji, see ``Emoji/isOne(_:)``.
    public var emoji: String

    public init(conversation: ConversationID, user: UserID, seq: Int64, rev: Int64, emoji: String) {
        self.conversation = conversation
        self.user = user
        self.seq = seq
        self.rev = rev
        self.emoji = emoji
    }

    public var refusal: Fault? { .refusal(ofPlace: seq) ?? Emoji.refusal(of: emoji) }
}

/// Takes a member's reaction back. Goes to the shard of the conversation. Idempotent. Faults: as ``SetReaction``.
public struct RemoveReaction: ConversationCommand {
    public static let typeName = "reaction.remove.v1"
    public typealias Reply = ChangeReply
    public var conversation: ConversationID
    public var user: UserID
    public var seq: Int64
    /// The ``Message/rev`` that the user saw. If any reaction to the message has changed since, the reply is a conflict.
    public var rev: Int64
    public var emoji: String

    public init(conversation: ConversationID, user: UserID, seq: Int64, rev: Int64, emoji: String) {
        self.conversation = conversation
        self.user = user
        self.seq = seq
        self.rev = rev
        self.emoji = emoji
    }

    public var refusal: Fault? { .refusal(ofPlace: seq) ?? Emoji.refusal(of: emoji) }
}
