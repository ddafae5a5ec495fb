import ChatContracts

@testable import MessagesService

/// Something that a client wants done, however often it has to ask for it.
struct SimulatedOperation {
    enum Expectation {
        /// A message, the same each time.
        case message
        /// The refusal of an id that belongs to another text or another reply.
        case reuse
        /// The refusal of a reply to what is no message.
        case unknownQuote
        case conversation
        case position
        case settings
        case group
        /// The entry as it is then, or that it was deleted, or that somebody else was faster.
        case change
        /// The refusal of somebody who is not a member.
        case notFound
    }

    var client: Int
    var command: LaneCommand
    var expectation: Expectation
    /// The highest number that anybody was told in the conversation before it was first asked for.
    var floor: Int64
    /// How many marks as unread the user knew of when it asked.
    var marks: Int64 = 0
    var isNew = false
    /// Whether the user was told before that the request is accepted.
    var isAccepted = false
    /// It is about a conversation whose document cannot be read.
    var isPoisonous = false
    var isAnswered = false
    var wasAskedFor = 0
}

/// A user with one browser: one thing at a time, repeated until it is answered.
struct SimulatedClient {
    var user: UserID
    var other: UserID
    var conversation: ConversationID
    var isOpen = false
    var isInGroup = false
    var wanted: Int
    var waitingFor: Int?
    var sent: [MessageKey] = []
    /// The highest number that it has seen.
    var seen: Int64 = 0

    var isDone: Bool { isOpen && wanted == 0 && waitingFor == nil }
}
