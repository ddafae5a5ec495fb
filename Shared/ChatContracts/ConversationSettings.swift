/// What one member has chosen for a conversation: the same on all of the member's devices, and shown to nobody else.
public struct ConversationSettings: Codable, Sendable, Hashable {
    /// How often they were changed, 1 or more. Of two states the one with the higher version is newer.
    public var version: Int64
    /// When the conversation was pinned to the top of the list; nil if it is not.
    public var pinnedAt: Timestamp?
    /// Whether the member wants to be told nothing of it.
    public var isMuted: Bool
    /// When ``isMuted`` ends by itself, which may be in the past; nil if the member has to end it.
    public var mutedUntil: Timestamp?
    /// True if the member wants to be told of mentions and replies although ``isMuted``; else nil.
    public var tellsMentions: Bool?
    /// The `seq` of the newest message that the archived conversation had; nil if it is not archived. A newer message brings
    /// the conversation back to the list, unless it is muted.
    public var archivedThrough: Int64?
    /// Whether the member has blocked the others: then nobody writes, edits or reacts in the conversation.
    public var isBlocked: Bool
    /// While a stranger's first message was not accepted; nil for every other conversation.
    public var request: MessageRequest?

    public init(
        version: Int64, pinnedAt: Timestamp? = nil, isMuted: Bool = false, mutedUntil: Timestamp? = nil,
        tellsMentions: Bool? = nil, archivedThrough: Int64? = nil, isBlocked: Bool = false,
        request: MessageRequest? = nil
    ) {
        self.version = version
        self.pinnedAt = pinnedAt
        self.isMuted = isMuted
        self.mutedUntil = mutedUntil
        self.tellsMentions = tellsMentions
        self.archivedThrough = archivedThrough
        self.isBlocked = isBlocked
        self.request = request
    }

    /// Whether the member wants to be told nothing at a moment.
    public func isMuted(at now: Timestamp) -> Bool { isMuted && mutedUntil.map { now < $0 } ?? true }

    /// Whether the conversation is out of the list at a moment.
    ///
    /// - Parameter newest: the `seq` of its newest message.
    public func isArchived(newest: Int64, at now: Timestamp) -> Bool {
        guard let archivedThrough else { return false }
        return newest <= archivedThrough || isMuted(at: now)
    }
}

/// Where a direct conversation stands that a stranger began. The member's positions do not move in it, so that the stranger
/// does not learn whether anything arrived or was read. It becomes a conversation like all others once the member accepts
/// it or writes in it.
public enum MessageRequest: String, Codable, Sendable, Hashable {
    case waiting
    /// The member does not want it; the stranger is not told.
    case declined

    /// What the member does about it.
    public enum Answer: String, Codable, Sendable, Hashable {
        case accepted
        case declined
    }
}

/// Changes what a member has chosen for a conversation; what is nil stays as it is. Goes to the shard of the conversation.
/// Idempotent. Faults: `not-found`, `invalid`.
///
/// A choice that was made again since the version that the command names stays: then this is a repeat, or another device
/// was faster, and the reply tells what holds.
public struct ChangeConversationSettings: ConversationCommand {
    public static let typeName = "conversation.settings.v1"
    public typealias Reply = ConversationSettingsChanged
    public var conversation: ConversationID
    public var user: UserID
    /// The version that the client knows; 0 if it knows of no change.
    public var version: Int64
    public var pinned: Bool?
    public var muted: Bool?
    /// When the muting ends by itself; only with ``muted``.
    public var mutedUntil: Timestamp?
    /// Whether mentions and replies are told all the same; only with ``muted``.
    public var tellsMentions: Bool?
    public var archived: Bool?
    /// With ``archived``: the newest message that the client shows, so that one which comes at the same moment is not put
    /// away unseen; nil for the newest that is stored.
    public var archivedThrough: Int64?
    public var blocked: Bool?
    /// What the member does about a stranger's request; changes nothing where there is none.
    public var request: MessageRequest.Answer?

    public init(
        conversation: ConversationID, user: UserID, version: Int64, pinned: Bool? = nil, muted: Bool? = nil,
        mutedUntil: Timestamp? = nil, tellsMentions: Bool? = nil, archived: Bool? = nil, archivedThrough: Int64? = nil,
        blocked: Bool? = nil, request: MessageRequest.Answer? = nil
    ) {
        self.conversation = conversation
        self.user = user
        self.version = version
        self.pinned = pinned
        self.muted = muted
        self.mutedUntil = mutedUntil
        self.tellsMentions = tellsMentions
        self.archived = archived
        self.archivedThrough = archivedThrough
        self.blocked = blocked
        self.request = request
    }

    public var refusal: Fault? {
        if version < 0 { return Fault(.invalid, "A version is 0 or more.", field: "version") }
        if pinned == nil, muted == nil, archived == nil, blocked == nil, request == nil {
            return Fault(.invalid, "Give pinned, muted, archived, blocked or request.", field: "pinned")
        }
        if mutedUntil != nil, muted != true {
            return Fault(.invalid, "A time goes with muted: true only.", field: "mutedUntil")
        }
        if tellsMentions != nil, muted != true {
            return Fault(.invalid, "Mentions go with muted: true only.", field: "tellsMentions")
        }
        if archivedThrough != nil, archived != true {
            return Fault(.invalid, "A message goes with archived: true only.", field: "archivedThrough")
        }
        if let archivedThrough, archivedThrough < 0 {
            return Fault(.invalid, "The number of a message is 0 or more.", field: "archivedThrough")
        }
        return nil
    }
}

/// A member's settings of a conversation as they are now; only the member's own devices hear of it. Also the reply to
/// ``ChangeConversationSettings``.
public struct ConversationSettingsChanged: Codable, Sendable, Hashable {
    public var conversation: ConversationID
    /// Nil while nothing was ever changed.
    public var settings: ConversationSettings?

    public init(conversation: ConversationID, settings: ConversationSettings?) {
        self.conversation = conversation
        self.settings = settings
    }
}
