import FaultHistory

/// Anything that was asked of a gateway, and how it ended.
struct Operation: Sendable {
    enum Ask: Sendable {
        case send, change, sync, catchUp, read, position, settings, group, signUp, signIn, revoke, request
    }
    /// `open`: no result was ever recorded, so nobody knows it.
    enum Outcome: Sendable { case open, acknowledged, refused, unknown }

    var ask: Ask
    var invoked: Moment
    var process: Symbol
    /// The session by which it was asked; -1 if none was needed.
    var session: Symbol
    /// Its entry in the ledger's table for its kind.
    var entry: Int32
    var outcome = Outcome.open
    var answered: Moment?
}

/// What makes a message the same message, however often it is sent.
struct MessageKey: Hashable, Sendable {
    var conversation: Symbol
    var sender: Symbol
    var id: Symbol
}

/// A message that somebody tried to send.
struct SentMessage: Sendable {
    var key: MessageKey
    var hash: Symbol
    /// The seq that it was sent as an answer to.
    var replyTo: Int64?
    /// The process that sent it first.
    var process: Symbol
    var invoked: Moment
    /// Operations, in the order of their invocation.
    var attempts: [Int32] = []
    /// Sightings of it by its senders: one for each answer that was success.
    var acknowledgements: [Int32] = []
    /// When a gateway first said that it will be carried out, without knowing yet that it is.
    var accepted: Moment?
}

/// Who wrote what: all of a message that everybody has to agree on.
struct Content: Hashable, Sendable {
    var sender: Symbol
    var id: Symbol
    var hash: Symbol
}

/// Somebody saw a message at its place: in an answer, on a stream, in a page of history.
struct Sighting: Sendable {
    enum Source: Sendable { case acknowledgement, change, view(Viewed.Source), page, catchUp }

    var conversation: Symbol
    var seq: Int64
    var rev: Int64
    /// An index of ``Ledger/contents``.
    var content: Int32
    /// An index of ``Ledger/states``.
    var state: Int32
    var moment: Moment
    var process: Symbol
    var source: Source
}

/// A tab and a conversation that it shows.
struct FeedKey: Hashable, Sendable {
    var tab: Symbol
    var conversation: Symbol
}

/// What a tab did with a conversation, in its order.
enum FeedEntry: Sendable {
    /// It showed the message of this sighting.
    case shown(Int32)
    /// It heard of a later state of a message, which it may show or not.
    case changed(Int32)
    /// It dropped everything, shows this seq next and knows all changes up to `head`.
    case reset(next: Int64, head: Int64, Moment)
}

/// A tab and its streams.
struct Tab: Sendable {
    struct Stay: Sendable {
        var session: Symbol
        /// When the stream was asked for, in nanoseconds, if that is known.
        var asked: Int64?
        var connected: Moment
        var disconnected: Moment?
    }

    var user: Symbol
    var stays: [Stay] = []
    var closed: Moment?
}

struct Sync: Sendable {
    var operation: Int32
    var user: Symbol
    var cursors: [(conversation: Symbol, cursor: Int64)] = []
    var more = false
    var summaries: [(conversation: Symbol, summary: ConversationSummary)] = []
}

struct Page: Sendable {
    var operation: Int32
    var user: Symbol
    var conversation: Symbol
    var before: Int64?
    var after: Int64?
    /// Sightings, in the order of the page.
    var messages: Range<Int32> = 0..<0
}

struct Position: Sendable {
    var operation: Int32
    var user: Symbol
    var conversation: Symbol
    var received: Int64?
    var read: Int64?
}

/// A member has chosen something for a conversation, or tried to.
struct Choice: Sendable {
    var operation: Int32
    var user: Symbol
    var conversation: Symbol
    /// What the answer said; nil without one.
    var settings: SeenSettings?
}

/// Somebody got an account or a session, or tried to.
struct Entrance: Sendable {
    var operation: Int32
    var username: Symbol
    var user: Symbol?
}

struct Revocation: Sendable {
    var operation: Int32
    var sessions: [Symbol]
}

struct Refusal: Sendable {
    var moment: Moment
    var operation: Int32
    var status: Int
    var code: Symbol
    var retryAfter: Int?
}
