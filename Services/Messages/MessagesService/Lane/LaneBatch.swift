import ChatContracts

/// The batch that a lane is working on, and how far it is.
struct LaneBatch<Handle: Sendable>: Sendable {
    struct Item: Sendable {
        var delivery: LaneDelivery<Handle>
        /// The subscription of the shard when the batch was formed.
        var epoch: Int
        var response: LaneResponse?
        /// From which number on its asker sees a group, as it was when the command was decided; nil for no member.
        var historyFrom: Int64?
    }

    /// A conversation of this batch. A copy, because the memory of the lane may be dropped in the meantime.
    struct Working: Sendable {
        var state: ConversationState
        /// The newest message, if this batch has loaded or stored it.
        var last: Message?
        /// Read or written in this batch, so that nothing older than the batch is concluded from it.
        var isFresh: Bool
        /// Whether this batch has stored messages in it since it was read.
        var hasStored = false
        /// Whether those came soon after others.
        var isBusy = false
    }

    /// A change, and the place of its command in the batch.
    struct Planned: Sendable {
        var change: Change
        var item: Int
    }

    /// The time that new messages and conversations get.
    let now: Timestamp
    var items: [Item]
    var conversations: [ConversationID: Working] = [:]
    /// Conversations that do not exist for those who ask.
    var strangers: Set<Membership> = []
    /// Groups that are to be made and have no document yet.
    var missing: Set<ConversationID> = []
    /// Who may not be added to a group by whom, as far as it was read.
    var unwilling: [LaneLoad.Addition: Bool] = [:]
    /// Whether invitations exist, as far as it was read.
    var invitations: [LaneLoad.InvitationKey: Bool] = [:]
    /// Messages that are known to be stored.
    var stored: [MessageKey: Message] = [:]
    /// Messages that were looked up, so that an insertion is the next thing to try.
    var checked: Set<MessageKey> = []
    /// Look every message up before storing it.
    var checksAll = false
    var counts: [LaneLoad.Count: Int64] = [:]
    /// Conversations that were opened by this batch, and for whom.
    var opened: Set<Membership> = []
    /// Members whose positions this batch has moved, or may have.
    var moved: Set<Membership> = []
    /// Members whose settings this batch has changed, or may have.
    var chosen: Set<Membership> = []
    /// Those whose settings messages have changed, so that no command's reply tells them.
    var chosenByMessages: Set<Membership> = []
    /// Conversations whose document was found to be different from what is known here.
    var unsettled: Set<ConversationID> = []
    /// Times that the plan had to be made again.
    var rounds = 0
    var wasPublished = false
    var wasConfirmed = true
    var wasDeadLettered = false
    /// Its one command is dead-lettered instead of executed.
    var isPoison = false
    var recipients: Set<UserID> = []
    var audiences: [ConversationID: Int64] = [:]
    var insertedKeys: Set<MessageKey> = []
    /// Messages that commands name, as far as they were read; nil for those that do not exist.
    var entries: [EntryKey: Message?] = [:]
    /// Commands whose change was stored by this batch, by their place in it.
    var changed: Set<Int> = []
    /// The step that is in flight, to be read together with its outcome.
    var opening: [LaneOpening] = []
    var writing: [Planned] = []
    /// What the load in flight looks for.
    var loading = LaneLoad()
    var updating: [ConversationUpdate] = []
    /// Commands on positions, by their place in the batch: whose positions the update in flight reaches, and those of
    /// updates before it. They are not carried out a second time behind a mark as unread.
    var moving: [Int] = []
    var movesDone: Set<Int> = []
    let rules: SummaryRules
    /// Conversations with a marked document that is to be looked at.
    var due: [ConversationID] = []

    init(now: Timestamp, items: [Item], rules: SummaryRules) {
        self.now = now
        self.items = items
        self.rules = rules
    }

    /// Has a conversation's document read again.
    mutating func unsettle(_ conversation: ConversationID) {
        unsettled.insert(conversation)
        conversations[conversation]?.isFresh = true
    }

    /// Forgets what was believed about a conversation: its document, its messages, and that they were looked up.
    mutating func forget(_ conversation: ConversationID) {
        conversations[conversation] = nil
        forgetEntries(of: conversation)
        for item in items {
            if let key = item.delivery.command.key, key.conversation == conversation { checked.remove(key) }
        }
    }

    /// What was read of entries must never be older than what is known of the conversation.
    mutating func forgetEntries(of conversation: ConversationID) {
        guard !entries.isEmpty else { return }
        for key in entries.keys where key.conversation == conversation { entries[key] = nil }
    }
}
