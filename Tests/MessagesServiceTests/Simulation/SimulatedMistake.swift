/// Ways to build the system wrongly, all of them in what surrounds the planner. The simulation has to notice each.
enum SimulatedMistake: String, Sendable, CaseIterable {
    /// The insertion goes on after a message that could not be stored.
    case unordered
    /// Commands are acknowledged when they are taken, not when they are done.
    case acknowledgesFirst
    /// Numbers come from a counter that is raised before and apart from the insertion.
    case separateCounter
    /// The database has no unique index on the client message id.
    case noUniqueClientID
    /// The same, and nobody looks whether a message is stored already.
    case noDuplicateCheck
    /// The database has no unique index on the number.
    case noUniqueNumber
    /// What the database has taken may be gone after a change of its primary.
    case weakWriteConcern
    /// Documents are overwritten, whatever is in them.
    case blindUpdates
    /// Readers take marked documents for complete.
    case ignoresMarks
    /// An entry is overwritten by a change that comes late.
    case unfencedEntries
    /// A marker that is no longer needed is deleted, and its number with it.
    case freesNumbers
    /// Counting takes the number of an edit for a message.
    case countsEdits
    /// Counting takes deleted messages for unread ones.
    case countsTombstones
    /// Readers are shown what a quoted message said although it is deleted.
    case keepsDeletedQuotes
    /// Reactions do not name what they replace.
    case unconditionalReactions
    /// Commands about settings do not name the version that they replace.
    case unconditionalSettings
    /// Settings are overwritten, whatever version is stored.
    case unfencedSettings
    /// What messages and members change in settings is not stored.
    case losesRequests
    /// Memberships are overwritten by a line that comes late.
    case unfencedMemberships
    /// Events are not waited for.
    case ignoresLostEvents
}
