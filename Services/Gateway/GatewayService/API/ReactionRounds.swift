/// Decides with which number a reaction is asked for, and asked for again.
///
/// The messages service wants to know which state of the message somebody saw, because a copy of a reaction may arrive late.
/// Whoever names that state is told when it was another one. Whoever names none wants the reaction whatever the state is, so
/// it is asked for again with the state of the conflict, as often as others may be expected to come in between.
struct ReactionRounds: Equatable {
    /// How often one reaction is asked for at most. The first round of somebody who names no state finds out the state.
    static let limit = 4

    /// What to name in the next round.
    private(set) var rev: Int64
    private var left: Int

    /// - Parameter rev: the state that somebody saw; nil for whatever state there is.
    init(seen rev: Int64?) {
        self.rev = rev ?? 0
        left = rev == nil ? Self.limit - 1 : 0
    }

    /// Takes a conflict in.
    ///
    /// - Parameter present: the state of the message.
    /// - Returns: whether to ask once more.
    mutating func again(afterConflictWith present: Int64) -> Bool {
        guard left > 0, present > rev else { return false }
        left -= 1
        rev = present
        return true
    }
}
