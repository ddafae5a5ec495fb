import FaultChecker
import FaultHistory
import FaultWorkload
import Foundation
import LocalStack
import Testing

/// People chatting on the running stack, everything that they did and saw, and what the checker says of it.
struct Trial {
    let workload: Workload
    let history: HistoryWriter
    private let file: URL
    private let folder: TemporaryFolder

    init(seed: UInt64, _ change: (inout WorkloadConfiguration) -> Void) async throws {
        let stack = try await RunningStack.start()
        folder = try TemporaryFolder()
        file = folder.url.appending(path: "history.jsonl")
        history = try HistoryWriter(file: file)
        let gateways = RunningStack.gateways(of: stack).enumerated().map { index, address in
            WorkloadConfiguration.Gateway(name: "gateway-\(index + 1)", address: address)
        }
        var configuration = WorkloadConfiguration(seed: seed, gateways: gateways)
        change(&configuration)
        workload = Workload(configuration, history: history)
    }

    /// Lets everybody chat while `body` runs and until they have caught up, then judges.
    ///
    /// - Parameter mustConverge: whether everybody has to catch up, or must fail to.
    func run(mustConverge: Bool = true, _ body: () async throws -> Void) async throws -> Verdict {
        defer { folder.delete() }
        let running = Task {
            try await workload.prepare()
            await workload.run()
        }
        do {
            while workload.counts.acknowledged == 0 { try await Task.sleep(for: .milliseconds(50)) }
            try await body()
            let convergence = await workload.waitUntilConverged(within: .seconds(mustConverge ? 60 : 12))
            #expect(convergence.isComplete == mustConverge, "\(convergence.behind.joined(separator: "\n"))")
        } catch {
            running.cancel()
            await workload.stop(drainingWithin: .zero)
            try? await history.finish()
            throw error
        }
        await workload.stop(drainingWithin: .seconds(30))
        try await running.value
        let final = await workload.finalRead(within: .seconds(30))
        try await history.finish()
        #expect(final != nil, "everything that is stored must be readable")
        var tolerance = Tolerance()
        // Everybody was waited for.
        tolerance.settling = 0.5
        let verdict = try Checker(tolerance: tolerance).check(history: HistoryReader(file: file), final: final)
        if verdict.violated, mustConverge {
            let kept = FileManager.default.temporaryDirectory.appending(path: "\(folder.url.lastPathComponent).jsonl")
            try FileManager.default.copyItem(at: file, to: kept)
            Issue.record("the history is kept in \(kept.path)")
        }
        return verdict
    }
}
