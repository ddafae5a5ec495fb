public import Foundation

/// What is stored when everything has come to rest: read from the databases with majority, and from the broker, after
/// the last writer has stopped, every fault is healed and the queues had time to drain.
public struct FinalState: Codable, Sendable, Hashable {
    /// Direct conversations.
    public var conversations: [StoredConversation]
    /// Absent if they were not read.
    public var groups: [StoredGroup]?
    public var accounts: [StoredAccount]
    public var deadLetters: [DeadLetter]
    public var queues: [QueueState]

    public init(
        conversations: [StoredConversation] = [], groups: [StoredGroup]? = nil, accounts: [StoredAccount] = [],
        deadLetters: [DeadLetter] = [], queues: [QueueState] = []
    ) {
        self.conversations = conversations
        self.groups = groups
        self.accounts = accounts
        self.deadLetters = deadLetters
        self.queues = queues
    }

    public init(contentsOf file: URL) throws {
        self = try JSONDecoder().decode(FinalState.self, from: Data(contentsOf: file))
    }

    public func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: file)
    }
}

public struct StoredConversation: Codable, Sendable, Hashable {
    public var conversation: String
    public var members: [Member]
    /// As the database has them, sorted by `seq`; nothing is left out or put together.
    public var messages: [SeenMessage]
    /// The number of the last change, as the conversation itself has it; absent if it was not read.
    public var head: Int64?
    /// The numbers that point to the message which they changed; absent if they were not read.
    public var markers: [Marker]?
    /// What the conversation itself says of its messages; absent if it was not read.
    public var summary: Summary?

    /// What is stored under the number of a change that is not the birth of a message.
    public struct Marker: Codable, Sendable, Hashable {
        public var number: Int64
        /// The seq of the message that was changed.
        public var seq: Int64
        /// The number of the message's change before; absent once the marker is spent.
        public var previous: Int64?
        /// The message as the change left it; absent once the marker is spent.
        public var message: SeenMessage?

        public init(number: Int64, seq: Int64, previous: Int64? = nil, message: SeenMessage? = nil) {
            self.number = number
            self.seq = seq
            self.previous = previous
            self.message = message
        }
    }

    /// A conversation's own account of its messages up to one of its numbers.
    public struct Summary: Codable, Sendable, Hashable {
        /// The number up to which it counts.
        public var head: Int64
        /// Messages that are not deleted.
        public var messages: Int64
        /// By user: messages of theirs that are not deleted.
        public var sent: [String: Int64]
        /// By user: messages of others, at or below the read position, that are not deleted.
        public var readOfOthers: [String: Int64]
        /// The newest message; absent if there is none.
        public var last: SeenMessage?

        public init(
            head: Int64, messages: Int64, sent: [String: Int64], readOfOthers: [String: Int64],
            last: SeenMessage? = nil
        ) {
            self.head = head
            self.messages = messages
            self.sent = sent
            self.readOfOthers = readOfOthers
            self.last = last
        }
    }

    public struct Member: Codable, Sendable, Hashable {
        public var user: String
        public var received: Int64
        public var read: Int64
        /// What they have chosen for the conversation; absent if nothing, or if it was not read.
        public var settings: SeenSettings?

        public init(user: String, received: Int64 = 0, read: Int64 = 0, settings: SeenSettings? = nil) {
            self.user = user
            self.received = received
            self.read = read
            self.settings = settings
        }
    }

    public init(
        conversation: String, members: [Member], messages: [SeenMessage], head: Int64? = nil,
        markers: [Marker]? = nil, summary: Summary? = nil
    ) {
        self.conversation = conversation
        self.members = members
        self.messages = messages
        self.head = head
        self.markers = markers
        self.summary = summary
    }
}

public struct StoredAccount: Codable, Sendable, Hashable {
    public var user: String
    public var username: String

    public init(user: String, username: String) {
        self.user = user
        self.username = username
    }
}

/// A command that was dead-lettered.
public struct DeadLetter: Codable, Sendable, Hashable {
    /// The queue of dead letters that has it.
    public var queue: String
    public var reason: String
    /// ``TextHash`` of its body.
    public var hash: String
    /// What the body names, if it can be read and is a send.
    public var conversation: String?
    public var sender: String?
    public var id: String?

    public init(
        queue: String, reason: String, hash: String, conversation: String? = nil, sender: String? = nil,
        id: String? = nil
    ) {
        self.queue = queue
        self.reason = reason
        self.hash = hash
        self.conversation = conversation
        self.sender = sender
        self.id = id
    }
}

public struct QueueState: Codable, Sendable, Hashable {
    public enum Purpose: String, Codable, Sendable {
        /// Holds commands or queries until they are carried out; empty at rest.
        case work
        /// Belongs to one running process and has to vanish with it.
        case process
        /// Holds what was dead-lettered.
        case deadLetters
    }

    public var name: String
    public var purpose: Purpose
    public var ready: Int64
    public var unacknowledged: Int64
    public var consumers: Int64

    public init(name: String, purpose: Purpose, ready: Int64, unacknowledged: Int64, consumers: Int64) {
        self.name = name
        self.purpose = purpose
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
    }
}
