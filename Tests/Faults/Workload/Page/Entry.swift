import ChatContracts
import FaultHistory

/// A message as the API shows it, with all that later changes can make of it. What a server does not send of that is
/// taken as not changed.
struct Entry: Decodable, Sendable, Hashable {
    struct Edit: Decodable, Sendable, Hashable {
        /// The number of the edit that wrote the text.
        var rev: Int64
    }

    struct Quote: Decodable, Sendable, Hashable {
        /// The message that is quoted.
        var seq: Int64
    }

    struct Reaction: Decodable, Sendable, Hashable {
        var emoji: String
        var users: [UserID]
    }

    var conversation: ConversationID
    var seq: Int64
    var rev: Int64
    var sender: UserID
    var clientMessageId: ClientMessageID
    /// Empty if the message is deleted.
    var text: String
    var edited: Edit?
    var deleted: Bool
    var replyTo: Quote?
    var reactions: [Reaction]

    init(
        conversation: ConversationID, seq: Int64, rev: Int64, sender: UserID, clientMessageId: ClientMessageID,
        text: String, edited: Edit? = nil, deleted: Bool = false, replyTo: Quote? = nil, reactions: [Reaction] = []
    ) {
        self.conversation = conversation
        self.seq = seq
        self.rev = rev
        self.sender = sender
        self.clientMessageId = clientMessageId
        self.text = text
        self.edited = edited
        self.deleted = deleted
        self.replyTo = replyTo
        self.reactions = reactions
    }

    private enum Key: String, CodingKey {
        case conversation, seq, rev, sender, clientMessageId, text, edited, deleted, replyTo, reactions
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        conversation = try container.decode(ConversationID.self, forKey: .conversation)
        seq = try container.decode(Int64.self, forKey: .seq)
        rev = try container.decode(Int64.self, forKey: .rev)
        sender = try container.decode(UserID.self, forKey: .sender)
        clientMessageId = try container.decode(ClientMessageID.self, forKey: .clientMessageId)
        deleted = try container.decodeIfPresent(Bool.self, forKey: .deleted) ?? false
        // Only a tombstone may come without a text.
        text =
            try deleted
            ? container.decodeIfPresent(String.self, forKey: .text) ?? "" : container.decode(String.self, forKey: .text)
        edited = try container.decodeIfPresent(Edit.self, forKey: .edited)
        replyTo = try container.decodeIfPresent(Quote.self, forKey: .replyTo)
        reactions = try container.decodeIfPresent([Reaction].self, forKey: .reactions) ?? []
    }

    /// The number that wrote the text: what an edit of it has to name.
    var textRev: Int64 { edited?.rev ?? seq }
}

/// A stretch of messages in the order of `seq`, oldest first.
struct EntryPage: Decodable, Sendable {
    var messages: [Entry]
    var head: Int64
    var hasOlder: Bool
    var hasNewer: Bool
}

/// What happened in a conversation after a cursor: each message that was born or changed, as it is now.
struct EntryChanges: Decodable, Sendable {
    var conversation: ConversationID
    var cursor: Int64
    var messages: [Entry]
    var reset: Bool
}

/// A conversation as one of its members is told of it, as far as a tab needs it.
struct Summary: Decodable, Sendable {
    struct Member: Decodable, Sendable {
        var user: UserID
        var received: Int64
        var read: Int64
        /// Only the member's own devices are told.
        var settings: ConversationSettings?
    }

    var id: ConversationID
    var head: Int64
    var unread: Int64
    var members: [Member]
}

/// The answer to a sync, as far as a tab needs it.
struct SyncResult: Decodable, Sendable {
    var conversations: [Summary]
    var changes: [EntryChanges]
    var more: Bool
}

extension SyncResult {
    /// What it says of each conversation, to one of its members.
    func summaries(for user: UserID) -> [String: ConversationSummary] {
        var summaries: [String: ConversationSummary] = [:]
        for conversation in conversations {
            guard let member = conversation.members.first(where: { $0.user == user }) else { continue }
            summaries[conversation.id.description] = ConversationSummary(
                head: conversation.head, read: member.read, unread: conversation.unread)
        }
        return summaries
    }
}

extension SeenMessage {
    init(_ entry: Entry) {
        let reactions = Dictionary(entry.reactions.map { ($0.emoji, $0.users.map(\.description)) }) { $0 + $1 }
        self.init(
            seq: entry.seq, rev: entry.rev, sender: entry.sender.description,
            id: entry.clientMessageId.description, hash: TextHash.of(entry.text),
            state: Alterations(
                edit: entry.edited?.rev, deleted: entry.deleted, reactions: reactions, replyTo: entry.replyTo?.seq))
    }
}
