import ChatContracts

/// A command that moves one member's positions. The planner knows commands on positions by this shape only.
protocol PositionCommand: ConversationCommand {
    var user: UserID { get }

    /// Where the member's positions shall be, given where they are. The result may lie beyond the head, which then counts
    /// as the head. Doing it again with the result changes nothing.
    func apply(to positions: MemberPositions) -> MemberPositions

    /// Whether what is known of the positions has to be read again before this command is decided, unless it was just read:
    /// another replica may have moved them.
    func needsCurrent(_ known: MemberPositions) -> Bool
}

/// How far a member has received and read.
struct MemberPositions: Sendable, Equatable {
    var received: Int64
    /// As the member says.
    var read: Int64
    /// How often the member has marked messages as unread.
    var unreadMarks: Int64 = 0
    /// The highest position that was read before a mark took it back; 0 without marks. Others see no lower one.
    var readBeforeMarks: Int64 = 0
    /// When the member last read a message of somebody else for the first time.
    var readAt: Timestamp?

    /// What others see as read.
    var readAsShown: Int64 { max(read, readBeforeMarks) }
    /// The same if it is more than the member says; nil otherwise.
    var takenBack: Int64? { readBeforeMarks > read ? readBeforeMarks : nil }
}
