import ChatContracts

extension SetPosition: PositionCommand {
    func apply(to positions: MemberPositions) -> MemberPositions {
        var positions = positions
        positions.received = max(positions.received, received ?? 0, read ?? 0)
        // Whoever read this did not know yet that it was marked as unread.
        if let unreadMarks, unreadMarks != positions.unreadMarks { return positions }
        positions.read = max(positions.read, read ?? 0)
        return positions
    }

    func needsCurrent(_ known: MemberPositions) -> Bool { unreadMarks.map { $0 != known.unreadMarks } ?? false }
}
