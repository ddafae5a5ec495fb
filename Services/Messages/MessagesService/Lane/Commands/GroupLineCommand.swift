import ChatContracts

/// A command that adds a line about a group to it. The planner knows commands on groups by this shape only.
protocol GroupLineCommand: GroupCommand {
    /// Whether the user need not be a member: whoever makes the group, or comes with an invitation.
    var isFromOutside: Bool { get }

    /// By what the user claims to be invited; nil for members, and for the maker of the group.
    var invitation: LaneLoad.InvitationKey? { get }

    /// Whom the command would make members, if they are none.
    var added: [UserID] { get }

    /// The line that the command adds.
    ///
    /// - Parameters:
    ///   - state: the group, with the memberships of the user and of ``GroupCommand/concerned``.
    ///   - unwilling: those of ``added`` whom the user may not add.
    ///   - now: when the line would be stored.
    func line(in state: ConversationState, unwilling: Set<UserID>, at now: Timestamp) -> GroupOutcome

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
    var isFromOutside: Bool { false }
    var invitation: LaneLoad.InvitationKey? { nil }
    var added: [UserID] { [] }
}

extension Fault {
    static var tooManyGroups: Fault {
        Fault(.invalid, "You are in \(Limits.groupsOfUser) groups. Leave one first.", field: "name")
    }
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
        .refused(
            Fault(
                .forbidden, "Somebody among them cannot be added by you; they can join by a link.", field: "members"))
    }
}
