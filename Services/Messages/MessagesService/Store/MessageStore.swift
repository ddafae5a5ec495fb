import ChatContracts
import MongoStore

/// The collections of the service. What lanes do to them is in `MessageStore+Lane`, what queries read in
/// `MessageStore+Queries`.
struct MessageStore: Sendable {
    let messages: MongoCollection
    let conversations: MongoCollection
    let memberships: MongoCollection
    let invitations: MongoCollection
    /// What counts as stored.
    let durability: WriteConcern
    /// Whether the first message of somebody without a group in common waits until it is accepted.
    private(set) var asksAboutStrangers = false

    init(database: MongoDatabase, durability: WriteConcern = .majorityJournaled) {
        messages = database.collection("messages")
        conversations = database.collection("conversations")
        memberships = database.collection("memberships")
        invitations = database.collection("invitations")
        self.durability = durability
    }

    /// The same store, in which the first messages of strangers wait, or do not.
    func asking(aboutStrangers asks: Bool) -> MessageStore {
        var store = self
        store.asksAboutStrangers = asks
        return store
    }

    /// The names of the indexes; `_id_` is the one of `(conversation, number)`, or of conversations.
    enum IndexName {
        /// `(conversation, rev)`: earlier versions had it. `_id` says the same.
        static let number = "number"
        /// `(conversation, sender, client message id)`: one message for each.
        static let once = "once"
        /// `(who is mentioned, number)`: the unread mentions of a member. Only of messages with mentions.
        static let mentions = "mentions"
        /// `(member, last activity)`: a user's conversations.
        static let activity = "activity"
        /// `(member, conversation)`: whether a conversation is one of the user's. It holds nothing about a user's
        /// relation to the conversations of others, so looking for one of those touches what looking for one that does
        /// not exist touches.
        static let member = "member"
        /// `(member, last change that was not a send)`: the digest of heads. Only of conversations with such changes.
        static let changes = "changes"
        /// `(member, when it was pinned)`: the top of a list. Only of conversations that somebody has pinned.
        static let pinned = "pinned"
        /// `(user, conversation)`: a user's groups. Only of members.
        static let groups = "groups"
        /// `(last activity)`: groups, for the digest of heads.
        static let activeGroups = "active-groups"
        /// `(last change that was not a send)`: the same of groups with such changes.
        static let changedGroups = "changed-groups"
        /// `(expiry)`, for invitations: they are removed some time after they have expired.
        static let expiry = "expiry"
    }

    /// What a message may be stored only once for.
    static let once = MongoIndex(
        name: IndexName.once,
        ascending: [MessageField.conversation, MessageField.sender, MessageField.clientMessageID], unique: true)

    func createIndexes(once: MongoIndex = Self.once) async throws(MongoError) {
        try await messages.dropIndex(IndexName.number)
        try await messages.createIndexes([once, Self.mentionsIndex])
        try await conversations.createIndexes([
            MongoIndex(
                name: IndexName.activity,
                keys: [
                    .init("\(ConversationField.members).\(ConversationField.user)"),
                    .init(ConversationField.activeAt, .descending), .init(ConversationField.id),
                ]),
            MongoIndex(name: IndexName.member, keys: [.init(Self.member), .init(ConversationField.id)]),
            MongoIndex(
                name: IndexName.changes, keys: [.init(Self.member), .init(ConversationField.changedAt, .descending)],
                partialFilter: BSONDocument { filter in
                    filter.document(ConversationField.changedAt) { $0.append("$exists", true) }
                }),
            MongoIndex(
                name: IndexName.pinned, keys: [.init(Self.member), .init(Self.pinnedAt)],
                partialFilter: BSONDocument { filter in
                    filter.document(Self.pinnedAt) { $0.append("$exists", true) }
                }),
            MongoIndex(
                name: IndexName.activeGroups, keys: [.init(ConversationField.activeAt, .descending)],
                partialFilter: Self.areGroups),
            MongoIndex(
                name: IndexName.changedGroups,
                keys: [.init(ConversationField.form), .init(ConversationField.changedAt, .descending)],
                partialFilter: BSONDocument { filter in
                    filter.append(ConversationField.form, Conversation.Form.group.rawValue)
                    filter.document(ConversationField.changedAt) { $0.append("$exists", true) }
                }),
        ])
        try await memberships.createIndexes([
            MongoIndex(
                name: IndexName.groups, keys: [.init(MembershipField.user), .init(MembershipField.conversation)],
                partialFilter: BSONDocument { filter in
                    filter.document(MembershipField.role) { $0.append("$exists", true) }
                })
        ])
        try await invitations.createIndexes([
            MongoIndex(
                name: IndexName.expiry, keys: [.init(InvitationField.expiresAt)],
                expireAfterSeconds: Self.secondsAfterExpiry)
        ])
    }

    /// So long people are told that an invitation has expired and not that there is none, unless the group has made another
    /// one since.
    private static let secondsAfterExpiry = 30 * 86_400

    static func message(_ document: BSONDocument) throws(MongoError) -> Message {
        try read(document) { document throws(BSONError) in try Message(document: document) }
    }

    static func messages(_ documents: [BSONDocument]) throws(MongoError) -> [Message] {
        try documents.map { document throws(MongoError) in try message(document) }
    }

    static func changes(_ documents: [BSONDocument]) throws(MongoError) -> [StoredChange] {
        try documents.map { document throws(MongoError) in
            try read(document) { document throws(BSONError) in try StoredChange(document: document) }
        }
    }

    /// The conversation and the number of a document of the collection `messages`.
    static func place(of document: BSONDocument) throws(MongoError) -> (ConversationID, Int64) {
        try read(document) { document throws(BSONError) in try Message.place(of: document) }
    }

    private static func read<Value>(
        _ document: BSONDocument, _ value: (BSONDocument) throws(BSONError) -> Value
    ) throws(MongoError) -> Value {
        do throws(BSONError) {
            return try value(document)
        } catch {
            throw MongoError(.invalidDocument, message: "a message cannot be read: \(error)")
        }
    }

    /// Matches any of these conversations.
    static func anyOf(_ ids: [ConversationID]) -> BSONDocument {
        BSONDocument { writer in
            writer.document(ConversationField.id) { $0.append("$in", ids.map { BSONBinary($0.bytes) }) }
        }
    }

    /// Matches groups.
    static let areGroups = BSONDocument { $0.append(ConversationField.form, Conversation.Form.group.rawValue) }

    static let member = "\(ConversationField.members).\(ConversationField.user)"
    static let pinnedAt = "\(ConversationField.members).\(ConversationField.settings).\(SettingsField.pinnedAt)"

    /// Matches conversations that exist for the user, as ``ConversationState/exists(for:)``.
    static func exists(for user: UserID, in writer: inout BSONWriter) {
        writer.append(member, BSONBinary(user.bytes))
        writer.array("$or") { either in
            either.document { written in
                written.document(ConversationField.head) { $0.append("$gt", Int64(0)) }
            }
            either.document { opened in
                opened.document(ConversationField.opened(by: user)) { $0.append("$exists", true) }
            }
        }
    }

    /// Matches those of these conversations that exist for the user.
    static func existing(_ ids: [ConversationID], for user: UserID) -> BSONDocument {
        BSONDocument { writer in
            writer.document(ConversationField.id) { $0.append("$in", ids.map { BSONBinary($0.bytes) }) }
            exists(for: user, in: &writer)
        }
    }

    /// Matches the conversations of any of these memberships.
    static func existing(_ memberships: [Membership]) -> BSONDocument {
        let byUser = Dictionary(grouping: memberships, by: \.user)
        let clauses = byUser.map { existing($1.map(\.conversation), for: $0) }
        return clauses.count == 1 ? clauses[0] : BSONDocument { $0.append("$or", clauses) }
    }

    /// Matches what has a number with `after < number <= through` in a conversation.
    static func appendRange(
        of conversation: ConversationID, after: Int64, through: Int64 = .max, to writer: inout BSONWriter
    ) {
        writer.document(MessageField.id) { range in
            range.append("$gt", BSONBinary(Message.documentID(conversation, max(0, after))))
            range.append("$lte", BSONBinary(Message.documentID(conversation, through)))
        }
    }

    /// Matches entries, which are all but markers.
    static func appendEntriesOnly(to writer: inout BSONWriter) {
        writer.document(MessageField.target) { $0.append("$exists", false) }
    }

    static func sort(_ field: String, ascending: Bool = true) -> BSONDocument {
        BSONDocument { $0.append(field, Int32(ascending ? 1 : -1)) }
    }
}
