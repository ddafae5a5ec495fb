public import FaultHistory
import Foundation

/// Decides from a history and a final read whether the promises were kept.
///
/// It knows nothing of how anything is made: only what was asked, what was answered, what was seen, and what is stored.
public struct Checker: Sendable {
    public var tolerance: Tolerance

    public init(tolerance: Tolerance = Tolerance()) { self.tolerance = tolerance }

    /// - Parameter final: absent if there was no final read; what needs one is then unknown.
    /// - Throws: ``HistoryError`` and ``CheckError`` if the history cannot be judged at all.
    public func check(history: HistoryReader, final: FinalState?) throws -> Verdict {
        var ledger = Ledger()
        try history.forEach { line, record in try ledger.enter(record, line: line) }
        let trial = try trial(ledger, final)
        let judgement = trial.judge()
        return trial.verdict(judgement, lines: try history.lines(judgement.lines))
    }

    /// The same for a history in memory, whose first record is line 1.
    public func check(_ records: [Record], final: FinalState?) throws -> Verdict {
        var ledger = Ledger()
        for (index, record) in records.enumerated() { try ledger.enter(record, line: index + 1) }
        let trial = try trial(ledger, final)
        let judgement = trial.judge()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines: [Int: String] = [:]
        for line in judgement.lines {
            lines[line] = String(decoding: try encoder.encode(records[line - 1]), as: UTF8.self)
        }
        return trial.verdict(judgement, lines: lines)
    }

    private func trial(_ ledger: Ledger, _ final: FinalState?) throws -> Trial {
        var ledger = ledger
        let store = final.map { Store($0, symbols: &ledger.symbols) }
        var trial = Trial(
            ledger: ledger, store: store, windows: try FaultWindow.windows(of: ledger), tolerance: tolerance)
        trial.findBirths()
        return trial
    }
}
