import ChatContracts

/// What the planner has decided about a batch.
enum LaneDecision<Handle: Sendable>: Sendable {
    /// Take this step, and tell the planner its outcome.
    case step(LaneStep<Handle>)
    /// The batch is over.
    case finish(LaneCompletion<Handle>)
    /// The batch cannot go on: neither replied nor acknowledged, it has to come again. Subscribe to these shards anew.
    case abandon(shards: [Int], LaneFailure)
}

/// Something that has to be done for a batch. Its outcome goes back in before anything else of the batch happens, so a
/// lane has at most one of these in flight.
enum LaneStep<Handle: Sendable>: Sendable {
    /// Read, with majority read concern. Outcome: `loaded`.
    case load(LaneLoad)
    /// Note that users have opened conversations, which are made unless they are there; majority and journaled. Outcome:
    /// `opened`.
    case open([LaneOpening])
    /// Store changes in this order and stop at the first that fails; majority and journaled. Outcome: `written`.
    case write([Change])
    /// Change conversation documents, each only if it still is as the planner knows it. Outcome: `updated`.
    case update([ConversationUpdate])
    /// Send the replies and publish the events. Outcome: `published`.
    case publish(LanePublication<Handle>)
    /// Dead-letter what cannot be processed. Outcome: `deadLettered`.
    case deadLetter([LaneRejection<Handle>])
    /// Dead-letter a command that fails whenever it is tried, provided that the database answers. Outcome: `deadLettered`.
    case deadLetterPoison(LaneRejection<Handle>)
}

/// How a ``LaneStep`` went.
enum LaneOutcome: Sendable {
    case loaded(LaneLoad.Result)
    case opened
    case written(LaneWrite)
    /// The number of documents that still were as expected, and so were changed.
    case updated(matched: Int)
    /// Whether the broker has confirmed all events.
    case published(confirmed: Bool)
    case deadLettered
    /// It may or may not have happened, or could not be done.
    case failed(LaneFailure)
}

/// Why a step failed, as far as it matters for what is tried next.
enum LaneFailure: Sendable, Hashable {
    /// The database or the broker could not be asked, or did not answer: it says nothing about the commands.
    case passing
    /// The database answered, and what is stored or to be stored is such that the step cannot be done. It would fail
    /// again; the text is for operators.
    case lasting(String)
}

struct LaneLoad: Sendable, Hashable {
    /// Conversations that are known to exist and have to be read again.
    var conversations: [ConversationID] = []
    /// The conversations of these users, as far as they exist for them. What is read, and how often, is the same for a
    /// conversation of others as for one that does not exist.
    var memberships: [Membership] = []
    /// Messages that may be stored already. Those of users for whom the conversation does not exist are not looked up.
    var messages: [MessageKey] = []
    /// Lines about groups that may be stored already, whoever their senders are by now.
    var lines: [MessageKey] = []
    /// Users whose memberships of groups are to be read, beside those of ``memberships``.
    var members: [Membership] = []
    /// Users whom others want to add to a group.
    var additions: [Addition] = []
    /// Invitations that others claim to have. What is read for one that does not exist is the same for every conversation.
    var invitations: [InvitationKey] = []
    /// Messages that commands name, of conversations that exist for whoever does.
    var entries: [EntryKey] = []
    var counts: [Count] = []

    var isEmpty: Bool {
        conversations.isEmpty && memberships.isEmpty && messages.isEmpty && lines.isEmpty && members.isEmpty
            && additions.isEmpty && invitations.isEmpty && entries.isEmpty && counts.isEmpty
    }

    /// A user, and who wants to add them to a group.
    struct Addition: Sendable, Hashable {
        var user: UserID
        var actor: UserID
    }

    /// What somebody with an invitation knows.
    struct InvitationKey: Sendable, Hashable {
        var conversation: ConversationID
        var token: InvitationToken
    }

    /// Messages of others than `user`, with `after < seq <= through`, that are not deleted as of `head`.
    struct Count: Sendable, Hashable {
        var conversation: ConversationID
        var user: UserID
        var head: Int64
        var after: Int64
        var through: Int64
        /// The most that is counted; nil for no bound.
        var limit: Int?
    }

    struct Result: Sendable {
        /// The ones that were found, each with the messages that are newer than its document.
        var conversations: [LoadedConversation] = []
        /// The ones that are stored, messages and lines.
        var messages: [Message] = []
        /// Those of the additions that are not possible: the user has blocked the other one, does not know them where the
        /// messages of strangers wait, or is in too many groups.
        var unwilling: Set<Addition> = []
        /// Those of the invitations that exist.
        var invitations: Set<InvitationKey> = []
        /// Read after the conversations.
        var entries: [Message] = []
        var counts: [Count: Int64] = [:]
    }
}

/// A user makes the document of a conversation: of the direct one with somebody else, of the one for notes, or of a group.
struct LaneOpening: Sendable, Hashable {
    var membership: Membership
    /// In their lasting order; empty for a group.
    var members: [UserID]
    var at: Timestamp
    var isGroup: Bool

    init(user: UserID, other: UserID, at: Timestamp) {
        membership = Membership(conversation: .direct(user, other), user: user)
        members = user == other ? [user] : [user, other].sorted()
        self.at = at
        isGroup = false
    }

    init(group: ConversationID, by user: UserID, at: Timestamp) {
        membership = Membership(conversation: group, user: user)
        members = []
        self.at = at
        isGroup = true
    }

    var user: UserID { membership.user }
}

/// How an ordered write went.
struct LaneWrite: Sendable, Hashable {
    enum Conflict: Sendable, Hashable {
        /// The number is taken: another writer was faster.
        case number
        /// The sender's message is stored already.
        case clientMessageID
    }

    /// How many of the changes were stored, counted from the first.
    var stored: Int
    /// Why the next one was not; nil if all were stored.
    var conflict: Conflict?
}

/// Brings a conversation's document up to date. Absolute values, written only onto the document that they were computed
/// from.
struct ConversationUpdate: Sendable, Equatable {
    /// As it will be; `storedHead` still is the head that the document has to have now.
    var state: ConversationState
    /// Whether head and counts are to be written.
    var isSummary = false
    /// The newest message, to be shown in lists; nil leaves it alone.
    var last: Message?
    var positions: [Position] = []
    var settings: [Settings] = []
    /// When entries were changed, if the summary is about that; nil leaves the stored time alone.
    var changedAt: Timestamp?
    var mark = Mark.keep
    /// The mark that the document has to have now; nil if it does not matter.
    var expectedMark: Int64?

    init(_ state: ConversationState) { self.state = state }

    /// Makes the update depend on where the members have read, if deletions have changed what that counts for.
    mutating func expectPositions(of known: ConversationState) {
        guard isSummary, known.hasDeletions else { return }
        for place in known.members.indices where !positions.contains(where: { $0.member == place }) {
            positions.append(
                .init(member: place, known: known.members[place].positions))
        }
    }

    /// How many documents it changes: for a direct conversation one; for a group the summary and each member have their own.
    var documents: Int {
        guard state.group != nil else { return 1 }
        return (changesSummary ? 1 : 0) + changedMembers.count
    }

    /// Whether it changes more than what members have.
    var changesSummary: Bool { isSummary || mark != .keep }

    /// The places of the members whose positions or settings it changes.
    var changedMembers: Set<Int> { Set(positions.map(\.member)).union(settings.map(\.member)) }

    /// Says of a document that messages above its head may be stored and answered. See ``OpenSummaries``.
    enum Mark: Sendable, Hashable {
        case keep
        case set(Int64)
        case remove
    }

    struct Position: Sendable, Equatable {
        /// The member's place in the document, and in `state`, which holds the new values.
        var member: Int
        /// The ones that the document has to have now.
        var known: MemberPositions
    }

    struct Settings: Sendable, Equatable {
        /// The member's place in the document, and in `state`, which holds the new values.
        var member: Int
        /// The version that the document has to have now.
        var known: Int64
    }
}

/// What a command is answered with.
enum LaneResponse: Sendable, Hashable {
    case message(Message)
    case changed(Message)
    /// The message after a change that named what it replaces.
    case applied(Message)
    /// What the change names was replaced before; the message as it is.
    case conflict(Message)
    case conversation(Conversation)
    case position(PositionChanged)
    case settings(ConversationSettingsChanged)
    case group(GroupChanged)
    case fault(Fault)
}

enum LaneEvent: Sendable, Hashable {
    case messageSent(Message)
    case messageChanged(Message)
    case positionChanged(PositionChanged)
    case conversationOpened(ConversationOpened)
    case settingsChanged(ConversationSettingsChanged)
    case conversationClosed(ConversationClosed)

    /// Whether nobody but who caused it may hear of it. That a conversation was opened is told to the other member by its
    /// first message.
    var isForAskerAlone: Bool {
        switch self {
        case .conversationOpened, .settingsChanged: true
        case .messageSent, .messageChanged, .positionChanged, .conversationClosed: false
        }
    }
}

struct LanePublication<Handle: Sendable>: Sendable {
    struct Reply: Sendable {
        var handle: Handle
        var response: LaneResponse
    }
    var replies: [Reply] = []
    var events: [LaneAnnouncement] = []
}

/// An event and who hears of it.
struct LaneAnnouncement: Sendable {
    var event: LaneEvent
    var recipients: [UserID]
    /// The members of a group that hear of it, beside the recipients.
    var audience: GroupAudience?
}

struct LaneRejection<Handle: Sendable>: Sendable {
    var handle: Handle
    var reason: String
}

struct LaneCompletion<Handle: Sendable>: Sendable {
    /// For each shard of the batch the last delivery that is to be acknowledged, with all before it.
    var acknowledged: [Handle] = []
    /// Whose events could not be confirmed; they are owed a `resync`.
    var unnotified: Set<UserID> = []
    /// The same for groups: the version of the members, by conversation.
    var unnotifiedGroups: [ConversationID: Int64] = [:]
    /// Deliveries in the batch, without the malformed.
    var commands = 0
    /// Deliveries that some consumer had before.
    var redelivered = 0
    /// Sends that were answered with a message that was stored before.
    var duplicates = 0
    /// Times that another writer was faster or a document had changed.
    var conflicts = 0
}
