import FaultChecker
import FaultHistory
import Testing

/// A single mistake in a history that keeps every promise.
protocol HistoryMutation {
    /// The invariants that the mistake violates.
    var violates: Set<Invariant> { get }
    /// Returns whether the history has a place for the mistake; if not, nothing was changed.
    func apply(to records: inout [Record], _ final: inout FinalState, using random: inout SeededGenerator) -> Bool
}

extension HistoryMutation {
    /// Makes the mistake in a run, and expects that the checker finds it and shows lines of the history for it.
    ///
    /// - Returns: Whether the run has a place for the mistake.
    func isExpectedToBeFound(in records: [Record], _ final: FinalState, seed: UInt64) throws -> Bool {
        var records = records
        var final = final
        var random = SeededGenerator(seed: seed &+ 1000)
        guard apply(to: &records, &final, using: &random) else { return false }
        let verdict = try Checker(tolerance: .strict).check(records, final: final)
        let missed = violates.subtracting(verdict.violatedInvariants)
        #expect(missed.isEmpty, "seed \(seed): missed \(missed)\n\(TextReport(verdict))")
        for invariant in violates {
            let shown = verdict[invariant].violations
            #expect(shown.allSatisfy { !$0.evidence.isEmpty && $0.evidence.count <= 8 })
        }
        return true
    }
}
