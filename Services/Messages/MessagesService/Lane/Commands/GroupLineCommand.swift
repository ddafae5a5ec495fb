import ChatContracts

/// A command that adds a line about a group to it. The planner knows commands on groups by this shape only.
protocol GroupLineCommand: GroupCommand {
    /// The line that the command adds.
    ///
    /// - Parameters:
    ///   - state: the group, with the memberships of the user and of ``GroupCommand/concerned``.
    ///   - unwilling: those whom the user may not add.
    func line(in state: ConversationState, unwilling: Set<UserID>) -> GroupOutcome

    /// Whether a line may be the one that this command has added.
    func isTold(by line: GroupLine) -> Bool
}

enum GroupOutcome: Sendable {
    case line(GroupLine)
    /// The group is as it should be already.
    case unchanged
    case refused(Fault)
}

extension GroupLineCommand {
    /// Whom the command would add.
    var added: [UserID] { self is CreateGroup || self is AddGroupMembers ? concerned : [] }
}

extension GroupOutcome {
    static func forbidden(_ message: String) -> GroupOutcome { .refused(Fault(.forbidden, message, field: nil)) }

    static var lastOwner: GroupOutcome {
        .refused(Fault(.lastOwner, "You are the only owner. Make somebody else an owner first.", field: "member"))
    }

    static var unknownMember: GroupOutcome {
        .refused(Fault(.notFound, "This person is not a member of the group.", field: "member"))
    }

    static var unwilling: GroupOutcome {
        .refused(Fault(.forbidden, "Somebody among them cannot be added by you.", field: "members"))
    }
}
