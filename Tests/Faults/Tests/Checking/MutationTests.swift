import FaultChecker
import FaultHistory
import Foundation
import Testing

@Suite("The checker, on generated runs")
struct MutationTests {
    /// `MARTLET_CHECKER_SEEDS` multiplies the number of runs.
    static let seeds: Range<UInt64> =
        0..<8 * UInt64(ProcessInfo.processInfo.environment["MARTLET_CHECKER_SEEDS"] ?? "1")!

    @Test(arguments: seeds)
    func `A run that keeps every promise violates nothing`(seed: UInt64) throws {
        let run = GeneratedRun(seed: seed)
        let verdict = try Checker(tolerance: .strict).check(run.records, final: run.final)
        #expect(verdict.violatedInvariants.isEmpty, "\(TextReport(verdict))")
        #expect(verdict[.realTimeOrder].examined > 50)
        #expect(verdict[.stability].decision == .kept)
    }

    @Test(arguments: Mutation.allCases)
    func `Every single mistake is found, and shown with lines of the history`(mutation: Mutation) throws {
        var applied = 0
        for seed in Self.seeds {
            let run = GeneratedRun(seed: seed)
            if try mutation.isExpectedToBeFound(in: run.records, run.final, seed: seed) { applied += 1 }
        }
        #expect(applied > 0)
    }
}
