/// How often the situations came up that a run is made for.
struct SimulationCoverage: Sendable {
    var runs = 0
    var steps = 0
    var messages = 0
    /// Entries that were brought up to a later change.
    var changes = 0
    var deletions = 0
    var editConflicts = 0
    /// Replies that were answered with their quote, without it because the quoted message was deleted, and refused.
    var quotes = 0
    var emptyQuotes = 0
    /// Those that were answered without it because its message is older than what the asker may see.
    var hiddenQuotes = 0
    var refusedQuotes = 0
    var redeliveries = 0
    var duplicates = 0
    var conflicts = 0
    var unknownOutcomes = 0
    /// Operations that reached the database after their asker had given up.
    var lateEffects = 0
    /// Operations that the database left where they were for a while.
    var stalls = 0
    var takeovers = 0
    var restarts = 0
    var lostReplies = 0
    var lostEvents = 0
    var deadLetters = 0
    var deadLetterPoison = 0
    /// The most often that a command was returned to its queue which could be executed.
    var mostReturns = 0
    var positions = 0
    /// Marks as unread that were made and answered.
    var marks = 0
    /// Commands about settings that were answered, and those of them whose choice another device had made meanwhile.
    var settings = 0
    var settingsConflicts = 0
    /// Requests of strangers at the end of a run, and those that were accepted, by a choice or by writing.
    var requests = 0
    var acceptedRequests = 0
    /// Commands about groups that were answered, and those in groups that were refused.
    var groupChanges = 0
    /// People who joined groups by invitations.
    var joins = 0
    var groupRefusals = 0
    /// Mentions that hold, and those of people who were no members, or of everybody by somebody who may not.
    var mentions = 0
    var refusedMentions = 0
    var counted = 0
    /// Times that a reader had to complete a summary.
    var completed = 0

    static func += (left: inout Self, right: Self) {
        left.runs += right.runs
        left.steps += right.steps
        left.messages += right.messages
        left.changes += right.changes
        left.deletions += right.deletions
        left.editConflicts += right.editConflicts
        left.quotes += right.quotes
        left.emptyQuotes += right.emptyQuotes
        left.hiddenQuotes += right.hiddenQuotes
        left.refusedQuotes += right.refusedQuotes
        left.redeliveries += right.redeliveries
        left.duplicates += right.duplicates
        left.conflicts += right.conflicts
        left.unknownOutcomes += right.unknownOutcomes
        left.lateEffects += right.lateEffects
        left.stalls += right.stalls
        left.takeovers += right.takeovers
        left.restarts += right.restarts
        left.lostReplies += right.lostReplies
        left.lostEvents += right.lostEvents
        left.deadLetters += right.deadLetters
        left.deadLetterPoison += right.deadLetterPoison
        left.mostReturns = max(left.mostReturns, right.mostReturns)
        left.positions += right.positions
        left.marks += right.marks
        left.settings += right.settings
        left.settingsConflicts += right.settingsConflicts
        left.requests += right.requests
        left.acceptedRequests += right.acceptedRequests
        left.groupChanges += right.groupChanges
        left.joins += right.joins
        left.groupRefusals += right.groupRefusals
        left.mentions += right.mentions
        left.refusedMentions += right.refusedMentions
        left.counted += right.counted
        left.completed += right.completed
    }
}
