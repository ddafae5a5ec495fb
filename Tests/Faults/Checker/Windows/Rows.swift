/// The table: what happened in each window, and outside of them.
extension Trial {
    func rows(_ judgement: Judgement) -> [WindowRow] {
        let marks = Marks(ledger: ledger)
        var rows = windows.map { window in
            WindowRow(
                window: window.number, fault: window.fault, details: window.details,
                seconds: Double((window.end ?? ledger.last).at - window.begin.at) / 1e9,
                operations: 0, acknowledged: 0, refused: 0, unknown: 0, lost: 0, doubled: 0, disordered: 0, other: 0,
                recovery: recoveryTime(of: window)?.seconds, traces: marks.results(of: window))
        }
        let outside = rows.count
        rows.append(
            WindowRow(
                window: 0, fault: "between", details: [],
                seconds: max(0, ledger.last.seconds - rows.reduce(0) { $0 + $1.seconds }),
                operations: 0, acknowledged: 0, refused: 0, unknown: 0, lost: 0, doubled: 0, disordered: 0, other: 0,
                traces: []))

        for operation in ledger.operations {
            let row = row(at: operation.invoked.at) ?? outside
            rows[row].operations += 1
            switch operation.outcome {
            case .acknowledged: rows[row].acknowledged += 1
            case .refused: rows[row].refused += 1
            case .unknown, .open: rows[row].unknown += 1
            }
        }
        countViolations(judgement, into: &rows, outside: outside)
        return rows
    }

    private enum Column { case lost, doubled, disordered, other }

    private func column(_ invariant: Invariant) -> Column {
        switch invariant {
        case .durability, .stability, .changes: .lost
        case .atMostOnce, .idempotentAnswer: .doubled
        case .contiguity, .agreement, .realTimeOrder, .senderOrder, .view: .disordered
        case .noPhantom, .convergence, .noSilentDrop, .isolation, .uniqueness, .recovery, .boundedOverload,
            .clockIndependence, .unread:
            .other
        }
    }

    /// One thing that several invariants complain about is one thing in the table.
    private func countViolations(_ judgement: Judgement, into rows: inout [WindowRow], outside: Int) {
        struct Cell: Hashable {
            var row: Int
            var column: Column
            var subject: String
        }
        var counted: Set<Cell> = []
        for (invariant, parts) in judgement.examinations {
            let column = column(invariant)
            for occurrence in parts.flatMap(\.occurrences) {
                let row = row(at: occurrence.at) ?? outside
                guard counted.insert(Cell(row: row, column: column, subject: occurrence.subject)).inserted else {
                    continue
                }
                switch column {
                case .lost: rows[row].lost += 1
                case .doubled: rows[row].doubled += 1
                case .disordered: rows[row].disordered += 1
                case .other: rows[row].other += 1
                }
            }
        }
    }

    /// The window that a time belongs to. Windows do not overlap.
    private func row(at: Int64) -> Int? {
        let next = windows.firstIndexSorted { $0.begin.at > at }
        return next > 0 && windows[next - 1].contains(at) ? next - 1 : nil
    }
}
