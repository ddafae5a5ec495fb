import ChatContracts

/// What a lane knows of a conversation: its head and the counts from which unread messages follow.
///
/// Everything but the positions is a function of the messages up to `head`, which never change their number. So two
/// writers that know the same head know the same counts.
struct ConversationState: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var user: UserID
        /// Messages of this member up to the head.
        var sent: Int64
        /// The highest number that one of the member's devices has received.
        var received: Int64
        /// The highest number that the member has read.
        var read: Int64
        /// Messages of the others at or below `read`.
        var readOfOthers: Int64
        /// When the member opened the conversation, if that was before anything was sent in it.
        var openedAt: Timestamp?

        init(
            user: UserID, sent: Int64 = 0, received: Int64 = 0, read: Int64 = 0, readOfOthers: Int64 = 0,
            openedAt: Timestamp? = nil
        ) {
            self.user = user
            self.sent = sent
            self.received = received
            self.read = read
            self.readOfOthers = readOfOthers
            self.openedAt = openedAt
        }
    }

    var id: ConversationID
    var members: [Member]
    /// The number of the last change.
    var head: Int64
    /// Messages up to the head.
    var count: Int64
    /// The head that the stored summary shows; the summary has to be written while it is lower than `head`.
    var storedHead: Int64
    /// When the first message was stored; before, when the document was made.
    var createdAt: Timestamp
    /// When the newest message was stored, or the conversation was made.
    var activeAt: Timestamp
    /// Whether this lane has marked the stored summary as one that may be behind.
    var isOpen = false

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
    /// has opened it also before.
    func exists(for user: UserID) -> Bool {
        index(of: user).map { head > 0 || members[$0].openedAt != nil } ?? false
    }

    /// The conversation as one of its members sees it; nil for anybody for whom it does not exist.
    func view(for user: UserID, last: Message?) -> Conversation? {
        guard exists(for: user), let place = index(of: user) else { return nil }
        return Conversation(
            id: id, form: .direct,
            members: members.map { .init(user: $0.user, received: $0.received, read: $0.read) }, head: head,
            unread: unread(ofMemberAt: place), lastMessage: last,
            // When somebody else has looked at it first is nobody's business.
            createdAt: head > 0 ? createdAt : members[place].openedAt ?? createdAt)
    }

    /// The place of a member that the caller found by ``index(of:)`` before: O(1), exact.
    func unread(ofMemberAt index: Int) -> Int64 {
        count - members[index].sent - members[index].readOfOthers
    }

    /// Takes in a change that was stored with a number above the head. A message that was born below the head was
    /// only changed: it moves the head and no count.
    mutating func absorb(_ message: Message) {
        if message.seq > head {
            if head == 0 { createdAt = message.sentAt }
            count += 1
            activeAt = message.sentAt
            if let index = index(of: message.sender) { members[index].sent += 1 }
        }
        head = max(head, message.rev)
    }
}

/// A conversation as read from the store: its document, and what was stored after the document's summary was written.
struct LoadedConversation: Sendable, Equatable {
    var state: ConversationState
    /// The newest message; nil if there is none.
    var last: Message?

    /// - Parameter tail: the messages with a `rev` above the document's head, in the order of `rev`.
    init(document: ConversationState, last: Message?, tail: [Message]) {
        state = document
        self.last = last
        for message in tail {
            state.absorb(message)
            if message.seq >= (self.last?.seq ?? 0) { self.last = message }
        }
    }
}
