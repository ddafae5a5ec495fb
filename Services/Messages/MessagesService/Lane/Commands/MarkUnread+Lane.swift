import ChatContracts

extension MarkUnread: PositionCommand {
    func apply(to positions: MemberPositions) -> MemberPositions {
        guard unreadMarks == positions.unreadMarks else { return positions }
        var positions = positions
        positions.readBeforeMarks = positions.readAsShown
        // It counts as a mark in any case: what was read before it may arrive after it.
        positions.read = min(positions.read, from - 1)
        positions.unreadMarks += 1
        return positions
    }

    func needsCurrent(_ known: MemberPositions) -> Bool { true }
}
