/// A message by its place.
struct EntryKey: Hashable, Sendable {
    var conversation: Symbol
    var seq: Int64
}

/// Everything of a message that later changes can make different, but for the text.
struct EntryState: Hashable, Sendable {
    struct Reaction: Hashable, Sendable {
        var emoji: Symbol
        var user: Symbol
    }

    /// The number of the edit that wrote the text.
    var edit: Int64?
    var isDeleted = false
    var reactions: Set<Reaction> = []
    var replyTo: Int64?

    /// A message as it was sent, without a quote.
    static let unaltered = EntryState()
}

/// A change of a message that somebody asked for.
struct RequestedChange: Sendable {
    enum Action: Hashable, Sendable {
        case edit(hash: Symbol, of: Int64)
        case delete
        case react(Symbol)
        case unreact(Symbol)
    }

    var entry: EntryKey
    var user: Symbol
    var action: Action
    /// When it was asked for first.
    var invoked: Moment
    /// Operations, in the order of their invocation.
    var attempts: [Int32] = []
    /// Answers that were success, with the sighting of the message if the answer described it.
    var acknowledgements: [(moment: Moment, sighting: Int32?)] = []
}

/// A change that somebody else's was faster than, with the message that the refusal showed.
struct Conflict: Sendable {
    var change: Int32
    var sighting: Int32
}

struct CatchUp: Sendable {
    struct Response: Sendable {
        var cursor: Int64
        var reset: Bool
        /// Sightings, in the order of the answer.
        var messages: Range<Int32>
    }

    var operation: Int32
    var user: Symbol
    var conversation: Symbol
    /// Everything up to this number was known.
    var cursor: Int64
    var answer: Response?
}
