import FaultChecker
import FaultHistory
import Foundation
import Testing

@Suite("The checker, on generated runs with every kind of change")
struct ChangeMutationTests {
    /// `MARTLET_CHECKER_SEEDS` multiplies the number of runs.
    private static let factor = UInt64(ProcessInfo.processInfo.environment["MARTLET_CHECKER_SEEDS"] ?? "1")!

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `Thousands of runs that keep every promise violate nothing`(part: UInt64) throws {
        var examined: [Invariant: Int] = [:]
        for seed in 0..<250 * Self.factor {
            let run = ChangingRun(seed: seed * 8 + part, steps: 60)
            let verdict = try Checker(tolerance: .strict).check(run.records, final: run.final)
            try #require(verdict.violatedInvariants.isEmpty, "seed \(seed * 8 + part)\n\(TextReport(verdict))")
            for finding in verdict.findings { examined[finding.invariant, default: 0] += finding.examined }
        }
        for invariant in [Invariant.contiguity, .changes, .unread, .view, .convergence, .stability] {
            #expect(examined[invariant, default: 0] > 250)
        }
    }

    @Test(arguments: ChangeMutation.allCases)
    func `Every single mistake is found, and shown with lines of the history`(mutation: ChangeMutation) throws {
        var applied = 0
        for seed in 0..<30 * Self.factor {
            let run = ChangingRun(seed: seed &+ 50_000)
            if try mutation.isExpectedToBeFound(in: run.records, run.final, seed: seed) { applied += 1 }
        }
        #expect(applied > 0)
    }
}
