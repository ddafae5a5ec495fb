/// What later changes made of a message, and what it answers. A record without it describes a message as it was sent.
public struct Alterations: Codable, Sendable, Hashable {
    /// The number of the edit that wrote the text; absent while the text is the one that was sent.
    public var edit: Int64?
    /// `true` for a tombstone, whose hash is the one of the empty text; absent otherwise.
    public var deleted: Bool?
    /// User ids by emoji, each list sorted; absent if nobody reacts.
    public var reactions: [String: [String]]?
    /// The seq of the message that this one quotes; absent if it quotes none.
    public var replyTo: Int64?

    /// - Returns: nil if nothing was changed and nothing is quoted, so that every state is written in one way only.
    public init?(
        edit: Int64? = nil, deleted: Bool = false, reactions: [String: [String]] = [:], replyTo: Int64? = nil
    ) {
        let sorted = reactions.mapValues { $0.sorted() }.filter { !$0.value.isEmpty }
        if edit == nil, !deleted, sorted.isEmpty, replyTo == nil { return nil }
        self.edit = edit
        self.deleted = deleted ? true : nil
        self.reactions = sorted.isEmpty ? nil : sorted
        self.replyTo = replyTo
    }
}

/// One attempt to change a message that is stored. Attempts for one change share its `id`.
public struct ChangeInvoked: Codable, Sendable, Hashable {
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// Replaces the text that the number `of` wrote by the one with `hash`.
        case edit
        case delete
        /// Adds the user's reaction `emoji`.
        case react
        /// Takes the user's reaction `emoji` away.
        case unreact
    }

    public var op: Int64
    public var conversation: String
    /// The seq of the message.
    public var seq: Int64
    /// The user id of whoever changes it.
    public var user: String
    public var session: String
    public var gateway: String
    /// The change, as the workload names it; the server never hears of this name.
    public var id: String
    /// 1 for the first attempt of the change.
    public var attempt: Int
    public var action: Action
    /// With `edit`: ``TextHash`` of the new text.
    public var hash: String?
    /// With `edit`: the number that wrote the text to be replaced.
    public var of: Int64?
    /// With `react` and `unreact`.
    public var emoji: String?

    public init(
        op: Int64, conversation: String, seq: Int64, user: String, session: String, gateway: String, id: String,
        attempt: Int, action: Action, hash: String? = nil, of: Int64? = nil, emoji: String? = nil
    ) {
        self.op = op
        self.conversation = conversation
        self.seq = seq
        self.user = user
        self.session = session
        self.gateway = gateway
        self.id = id
        self.attempt = attempt
        self.action = action
        self.hash = hash
        self.of = of
        self.emoji = emoji
    }
}

/// The change is stored, or was not necessary.
public struct ChangeAcknowledged: Codable, Sendable, Hashable {
    public var op: Int64
    /// The message as the answer described it; absent if it did not.
    public var message: SeenMessage?

    public init(op: Int64, message: SeenMessage? = nil) {
        self.op = op
        self.message = message
    }
}

/// A tab heard of the present state of a message that was there before. If it shows the message, it shows this from now
/// on, at the same place.
public struct ViewChanged: Codable, Sendable, Hashable {
    public var conversation: String
    public var message: SeenMessage
    public var via: Viewed.Source

    public init(conversation: String, message: SeenMessage, via: Viewed.Source) {
        self.conversation = conversation
        self.message = message
        self.via = via
    }
}
