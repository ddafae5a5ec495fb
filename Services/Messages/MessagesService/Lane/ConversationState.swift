import ChatContracts

/// What a lane knows of a conversation: its head and the counts from which unread messages follow.
///
/// Everything but the positions is a function of the changes up to `head`, which never change their number. So two
/// writers that know the same head, and the same positions, know the same counts.
struct ConversationState: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var user: UserID
        /// Messages of this member up to the head.
        var sent: Int64
        var positions: MemberPositions
        /// Messages of the others at or below the read position.
        var readOfOthers: Int64
        /// When the member opened the conversation, if that was before anything was sent in it.
        var openedAt: Timestamp?
        var settings: MemberSettings
        /// The version of the settings that is stored; lower than theirs while a message has changed them and the summary
        /// does not show it.
        var storedSettings: Int64
        /// In groups only; nil for whoever is no member of the group.
        var group: GroupMembership?
        /// The number of the line that removed the user from the group, for whoever was removed and has not come back.
        var removedAt: Int64?
        /// In groups, for queries: see ``Conversation/unread``.
        var counted: Int64 = 0
        /// In groups, for queries: see ``Conversation/mentions``.
        var mentioned: [Int64] = []

        init(
            user: UserID, sent: Int64 = 0, positions: MemberPositions = MemberPositions(received: 0, read: 0),
            readOfOthers: Int64 = 0, openedAt: Timestamp? = nil, settings: MemberSettings = MemberSettings(),
            group: GroupMembership? = nil
        ) {
            self.user = user
            self.sent = sent
            self.positions = positions
            self.readOfOthers = readOfOthers
            self.openedAt = openedAt
            self.settings = settings
            storedSettings = settings.version
            self.group = group
        }
    }

    var id: ConversationID
    /// Of a direct conversation all; of a group those of whom the lane has read whether they are members, and as what.
    var members: [Member]
    /// Nil for direct conversations.
    var group: GroupState?
    /// The number of the last change.
    var head: Int64
    /// Messages up to the head that are not deleted.
    var count: Int64
    /// The head that the stored summary shows; the summary has to be written while it is lower than `head`.
    var storedHead: Int64
    /// When the first message was stored; before, when the document was made.
    var createdAt: Timestamp
    /// When the newest message was stored, or the conversation was made.
    var activeAt: Timestamp
    /// Whether this lane has marked the stored summary as one that may be behind.
    var isOpen = false
    /// The `seq` of the newest message; 0 while nothing was sent.
    var lastSeq: Int64 = 0
    /// Whether messages at or below `storedHead` were deleted above it: then what the members have read counts less than
    /// the stored summary says.
    var hasDeletions = false
    /// Whether entries were changed above `storedHead`, so that the digest of heads has to show the conversation.
    var hasChanges = false
    /// Whether the first message has to wait until the other member accepts it. As of when this was read; no matter once
    /// something was sent.
    var areStrangers = false

    /// A group that was made and not yet described.
    init(newGroup id: ConversationID, createdAt: Timestamp) {
        self.init(id: id, members: [], head: 0, count: 0, storedHead: 0, createdAt: createdAt)
        group = GroupState()
    }

    /// A conversation that was never written to.
    init(new id: ConversationID, members: [UserID], createdAt: Timestamp) {
        self.init(
            id: id, members: members.map { Member(user: $0) }, head: 0, count: 0, storedHead: 0, createdAt: createdAt)
    }

    init(
        id: ConversationID, members: [Member], head: Int64, count: Int64, storedHead: Int64, createdAt: Timestamp,
        activeAt: Timestamp? = nil
    ) {
        self.id = id
        self.members = members
        self.head = head
        self.count = count
        self.storedHead = storedHead
        self.createdAt = createdAt
        self.activeAt = activeAt ?? createdAt
    }

    func index(of user: UserID) -> Int? { members.firstIndex { $0.user == user } }

    /// Whether the conversation exists for this user: for its members from the first message on, and for a member who
    /// has opened it also before; a group only for its members.
    func exists(for user: UserID) -> Bool {
        guard let place = index(of: user) else { return false }
        return group == nil ? head > 0 || members[place].openedAt != nil : members[place].group != nil
    }

    /// The conversation as one of its members sees it; nil for anybody for whom it does not exist.
    func view(for user: UserID, last: Message?) -> Conversation? {
        guard exists(for: user), let place = index(of: user) else { return nil }
        if group != nil {
            // Whoever is just becoming a member may be ahead of the summary.
            let last = last.flatMap { $0.seq >= historyFrom(for: user) ? $0 : nil }
            return Conversation(
                id: id, form: .group, members: [members[place].view(for: user)], head: head,
                unread: members[place].counted, lastMessage: last, createdAt: createdAt, group: groupInfo(for: user),
                mentions: members[place].mentioned.isEmpty ? nil : members[place].mentioned)
        }
        return Conversation(
            id: id, form: .direct,
            members: members.map { $0.view(for: user) }, head: head,
            unread: unread(ofMemberAt: place), lastMessage: last,
            // When somebody else has looked at it first is nobody's business.
            createdAt: head > 0 ? createdAt : members[place].openedAt ?? createdAt,
            isRefused: members.contains { $0.user != user && $0.settings.refuses } ? true : nil)
    }

    /// Whether some member has blocked the others, and they are told.
    var isClosed: Bool { group == nil && members.contains(where: \.settings.refuses) }

    /// Why a member may not tell the others anything; nil if they may.
    func block(against user: UserID) -> Fault? {
        guard group == nil,
            let blocker = members.first(where: { $0.user == user ? $0.settings.isBlocked : $0.settings.refuses })
        else { return nil }
        return blocker.user == user
            ? Fault(.forbidden, "You have blocked this person. Unblock them to write.", field: "conversation")
            : Fault(.forbidden, "This person does not take messages from you.", field: "conversation")
    }

    /// Why a member may not react to the messages of a stranger; nil for everybody else.
    func waits(for user: UserID) -> Fault? {
        guard let place = index(of: user), members[place].settings.request != nil else { return nil }
        return Fault(
            .forbidden, "This conversation is a request. Accept it, or write in it, first.", field: "conversation")
    }

    /// The place of a member that the caller found by ``index(of:)`` before: O(1), exact.
    func unread(ofMemberAt index: Int) -> Int64 {
        count - members[index].sent - members[index].readOfOthers
    }

    /// Takes in the last state of an entry that was changed above `base`, the head that the counts are of. The head itself
    /// does not move: while several entries are taken in, each is compared with the same one.
    mutating func absorb(_ message: Message, above base: Int64) {
        if message.seq > base {
            if group == nil { absorbRequest(of: message) }
            if lastSeq == 0 { createdAt = message.sentAt }
            lastSeq = max(lastSeq, message.seq)
            activeAt = message.sentAt
            if let line = message.line { group?.absorb(message, line) }
            guard message.counts else { return }
            count += 1
            if group == nil, let index = index(of: message.sender) { members[index].sent += 1 }
        } else if message.isDeleted {
            // It was deleted above the base, or the change would not be: nothing changes after a deletion.
            count -= 1
            guard group == nil else { return }
            hasDeletions = true
            for index in members.indices {
                if members[index].user == message.sender {
                    members[index].sent -= 1
                } else if members[index].positions.read >= message.seq {
                    members[index].readOfOthers -= 1
                }
            }
        }
    }

    /// A stranger's first message is a request to the others; whoever writes accepts one. Both follow from the messages in
    /// their order, so whoever reads them again comes to the same settings.
    private mutating func absorbRequest(of message: Message) {
        for place in members.indices {
            if members[place].user == message.sender {
                members[place].settings.place(nil)
            } else if lastSeq == 0, areStrangers {
                members[place].settings.place(.waiting)
            }
        }
    }

    /// Takes in the change that comes next.
    mutating func absorb(_ change: Change) {
        absorb(change.message, above: head)
        absorbMemberships(of: change.message)
        if !change.isBirth { hasChanges = true }
        head = max(head, change.message.rev)
    }
}

extension ConversationState.Member {
    /// The member as another member, or the member itself, sees it.
    func view(for viewer: UserID) -> Conversation.Member {
        let isSelf = viewer == user
        return Conversation.Member(
            user: user, received: positions.received,
            read: isSelf ? positions.read : positions.readAsShown,
            unreadMarks: isSelf && positions.unreadMarks > 0 ? positions.unreadMarks : nil,
            readAt: positions.readAt, settings: isSelf ? settings.shown : nil)
    }
}

extension Message {
    /// Whether it is one of those that somebody has read or not.
    var counts: Bool { kind == .message && !isDeleted }

    /// As a conversation's summary shows it. A quote could outlive its deletion there.
    var asLast: Message {
        guard replyTo != nil else { return self }
        var message = self
        message.replyTo = nil
        return message
    }
}

/// A conversation as read from the store: its document, and what was stored after the document's summary was written.
struct LoadedConversation: Sendable, Equatable {
    var state: ConversationState
    /// The newest message; nil if there is none.
    var last: Message?

    /// - Parameter tail: what has a number above the document's head.
    init(document: ConversationState, last: Message?, tail: [StoredChange]) {
        state = document
        self.last = last
        if let last { state.lastSeq = max(state.lastSeq, last.seq) }
        guard !tail.isEmpty else { return }
        for (_, message) in tail.entries().sorted(by: { $0.key < $1.key }) {
            state.absorb(message, above: document.head)
            if message.seq >= (self.last?.seq ?? 0) { self.last = message.asLast }
        }
        if tail.contains(where: \.isMarker) { state.hasChanges = true }
        state.head = tail.reduce(state.head) { max($0, $1.number) }
    }
}
