/// Somebody asks something of a group: one attempt.
public struct GroupAsked: Codable, Sendable, Hashable {
    public enum What: String, Codable, Sendable {
        /// A new group with the subjects as its members, beside the asker.
        case create
        /// The subjects become members.
        case add
        /// The subject is a member no more.
        case remove
        /// A message.
        case send
        /// The newest page of messages.
        case history
        /// Who the members are.
        case members
        /// Everything since the beginning, by a sync.
        case sync
    }

    public var op: Int64
    public var what: What
    public var user: String
    public var session: String
    public var gateway: String
    /// Absent as long as nobody knows the group's id.
    public var conversation: String?
    /// The user ids of those who are added or removed.
    public var subjects: [String]?
    /// The client message id of a message or a line, where it decides what a repeat is.
    public var id: String?

    public init(
        op: Int64, what: What, user: String, session: String, gateway: String, conversation: String? = nil,
        subjects: [String]? = nil, id: String? = nil
    ) {
        self.op = op
        self.what = what
        self.user = user
        self.session = session
        self.gateway = gateway
        self.conversation = conversation
        self.subjects = subjects
        self.id = id
    }
}

/// The answer was success. A sync that does not describe the group is recorded as refused.
public struct GroupAnswered: Codable, Sendable, Hashable {
    public var op: Int64
    public var conversation: String
    /// The number of the message or line; absent if nothing was added, as for a removal of somebody who is no member.
    public var seq: Int64?
    /// The numbers of the messages and lines that were shown, in the order of the answer.
    public var shown: [Int64]?

    public init(op: Int64, conversation: String, seq: Int64? = nil, shown: [Int64]? = nil) {
        self.op = op
        self.conversation = conversation
        self.seq = seq
        self.shown = shown
    }
}

/// A live stream brought a message or a line of a group.
public struct GroupHeard: Codable, Sendable, Hashable {
    public var user: String
    public var gateway: String
    public var conversation: String
    public var seq: Int64

    public init(user: String, gateway: String, conversation: String, seq: Int64) {
        self.user = user
        self.gateway = gateway
        self.conversation = conversation
        self.seq = seq
    }
}

/// A group as the database has it.
public struct StoredGroup: Codable, Sendable, Hashable {
    public struct Entry: Codable, Sendable, Hashable {
        public var seq: Int64
        public var sender: String
        public var id: String
        /// Absent for a message.
        public var line: Line?

        public init(seq: Int64, sender: String, id: String, line: Line? = nil) {
            self.seq = seq
            self.sender = sender
            self.id = id
            self.line = line
        }
    }

    /// What a line tells of the members.
    public struct Line: Codable, Sendable, Hashable {
        /// As the database spells it, such as `added`.
        public var kind: String
        public var users: [String]

        public init(kind: String, users: [String]) {
            self.kind = kind
            self.users = users
        }
    }

    public var conversation: String
    /// Sorted by `seq`.
    public var entries: [Entry]
    /// The user ids of those who are members, sorted.
    public var members: [String]

    public init(conversation: String, entries: [Entry], members: [String]) {
        self.conversation = conversation
        self.entries = entries
        self.members = members
    }
}
