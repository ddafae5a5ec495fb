import ChatContracts

/// A command that changes one entry of a conversation. The planner knows commands on messages by this shape only.
protocol EntryCommand: ConversationCommand {
    var user: UserID { get }
    /// The entry.
    var seq: Int64 { get }

    /// Whether the others learn something that a blocked member may not tell them.
    var tells: Bool { get }

    /// Whom its text mentions; nil if it has none.
    var mentions: [Mention]? { get }

    /// What becomes of the entry.
    ///
    /// - Parameters:
    ///   - number: the number that the change would get.
    ///   - now: the time that it would get.
    ///   - mentions: those of ``mentions`` that hold, see ``ConversationState/holding(_:by:)``.
    func apply(to entry: Message, number: Int64, now: Timestamp, mentions: [Mention]) -> EntryOutcome

    /// The reply to a command that has changed the entry, or found it as it should be.
    func response(_ entry: Message) -> LaneResponse
}

extension EntryCommand {
    var tells: Bool { true }
    var mentions: [Mention]? { nil }

    func response(_ entry: Message) -> LaneResponse { .applied(entry) }
}

enum EntryOutcome: Sendable {
    /// The entry with the change.
    case changed(Message)
    /// The entry is as it should be already.
    case unchanged
    case refused(LaneResponse)

    static func refused(_ fault: Fault) -> EntryOutcome { .refused(.fault(fault)) }
}

/// Refusals that more than one command has.
enum LaneFault {
    static var unknownConversation: Fault {
        Fault(.notFound, "There is no such conversation.", field: "conversation")
    }
}
