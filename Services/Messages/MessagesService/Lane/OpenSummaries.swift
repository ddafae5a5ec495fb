import ChatContracts
import DequeModule

/// The conversations whose stored summary this lane has marked as one that may be behind, with what it would say.
///
/// A conversation that is written to many times a second would have its document rewritten as often. Instead its
/// document is marked once; until the mark is taken away, whoever reads the document also reads the messages above its
/// head, and the lane brings the summary up to date from time to time. Pure; bounded by what is marked.
struct OpenSummaries: Sendable {
    struct Entry: Sendable {
        var state: ConversationState
        /// The newest message, for the summary.
        var last: Message?
        fileprivate var visit: Timestamp
        fileprivate var isOnAgenda: Bool
    }

    /// Between two looks at the same conversation.
    private let interval: Int64
    private var entries: [ConversationID: Entry] = [:]
    /// In the order of their time. A place that its conversation has left is passed over when its turn comes.
    private var agenda: Deque<(at: Timestamp, conversation: ConversationID)> = []

    init(interval: Int64) { self.interval = interval }

    var count: Int { entries.count }
    /// When the next one is due; nil if there is none.
    var nextVisit: Timestamp? { agenda.first?.at }

    subscript(conversation: ConversationID) -> Entry? { entries[conversation] }

    mutating func keep(_ state: ConversationState, last: Message?, now: Timestamp) {
        if var entry = entries[state.id], entry.isOnAgenda {
            entry.state = state
            entry.last = last
            entries[state.id] = entry
            return
        }
        let visit = Timestamp(milliseconds: now.milliseconds + interval)
        entries[state.id] = Entry(state: state, last: last, visit: visit, isOnAgenda: true)
        agenda.append((visit, state.id))
    }

    mutating func forget(_ conversation: ConversationID) { entries[conversation] = nil }

    mutating func removeAll() {
        entries.removeAll()
        agenda.removeAll()
    }

    /// Takes those off the agenda that are due; with no time, the next ones whenever they are.
    mutating func takeDue(now: Timestamp?, atMost limit: Int) -> [ConversationID] {
        var due: [ConversationID] = []
        while due.count < limit, let (at, conversation) = agenda.first {
            if let now, at > now { break }
            agenda.removeFirst()
            guard let entry = entries[conversation], entry.isOnAgenda, entry.visit == at else { continue }
            entries[conversation]?.isOnAgenda = false
            due.append(conversation)
        }
        return due
    }
}

/// When a summary may be behind.
struct SummaryRules: Sendable {
    /// This lane's own mark.
    var mark: Int64
    /// Milliseconds from one message to the next within which a conversation counts as busy.
    var busyWithin: Int64
    /// The most messages that a summary may be behind.
    var mostBehind: Int64
    /// Whether there is room for another marked conversation.
    var mayOpen: Bool
    /// Whether all marks are to be taken away.
    var closesAll = false
}
