import FaultChecker
import FaultCluster
import FaultHistory
import FaultInjection
import FaultWorkload
import Foundation

/// One run: a cluster, people who chat, faults one after the other, and the judgement.
struct FaultRun: Sendable {
    let options: RunOptions
    let folder: RunFolder
    let progress: Progress
    let history: HistoryWriter

    init(options: RunOptions, folder: RunFolder) throws {
        self.options = options
        self.folder = folder
        progress = try Progress(file: folder.progress)
        history = try HistoryWriter(file: folder.history)
    }

    /// - Returns: whether everything is as it should be
    func run() async throws -> Bool {
        let began = ContinuousClock.now
        progress.line("seed \(options.seed), \(options.choice.count) faults, everything in \(folder.url.path)")
        let cluster = try Cluster(ClusterSettings(options, folder: folder.cluster).options) { [progress] in
            progress.line($0)
        }
        let failures: [String]
        do {
            try await cluster.start()
            progress.line("the cluster is healthy after \(Int((ContinuousClock.now - began) / .seconds(1))) s")
            failures = try await withFaults(in: cluster)
        } catch {
            progress.line("the run ends early: \(error)")
            await cluster.stop()
            try? await history.finish()
            throw error
        }
        progress.line("stopping")
        await cluster.stop()
        try await history.finish()
        return try judge(failures)
    }

    private func judge(_ failures: [String]) throws -> Bool {
        progress.line("checking the history")
        let verdict = try Judge(folder).judge()
        progress.text("")
        progress.text(TextReport(verdict).description)
        for failure in failures { progress.text("FAILED: \(failure)") }
        progress.text("seed \(options.seed)")
        return verdict.passed && failures.isEmpty
    }

    /// - Returns: what kept the run from showing anything, for people
    private func withFaults(in cluster: Cluster) async throws -> [String] {
        let lines = try await Lines.open(before: cluster)
        let workload = Workload(ClusterSettings(options, folder: folder.cluster).workload(lines), history: history)
        let counts = NemesisCounts()
        let watch = Watch(cluster: cluster, lines: lines, counts: counts, history: history)
        history.record(.limits(ClusterSettings.limits), by: "suite")
        progress.line("everybody signs up")
        try await workload.prepare()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await workload.run() }
            group.addTask { await watch.run() }
            let nemesis = Nemesis(
                options: options, cluster: cluster, workload: workload, lines: lines, counts: counts, watch: watch,
                history: history, progress: progress)
            var failures = try await nemesis.run()
            progress.line("everything is healed; what waits is sent")
            // Not all that is carried out is waited for by somebody: who was told that it will be may have left it at that.
            // So everybody goes on looking until the queues are empty and what was in them is shown.
            let patience = Duration.seconds(45 * options.patience)
            _ = await workload.waitUntilConverged(within: patience)
            if await !cluster.waitUntilDrained(within: .seconds(60)) { failures.append("the queues did not drain") }
            _ = await workload.waitUntilConverged(within: patience)
            // What is owed within half a minute after a healing is only seen if nothing is broken again for so long.
            try await Task.sleep(for: .seconds(Tolerance().convergence + 1))
            await workload.stop(drainingWithin: .seconds(60))
            // What was done last is still in the broker's numbers for a moment, and would look like something left over.
            if await !cluster.waitUntilDrained(within: .seconds(60)) { failures.append("the queues did not drain") }
            await watch.sample()
            group.cancelAll()
            progress.line("reading what is stored")
            try await cluster.finalState().write(to: folder.final)
            await lines.close()
            return failures
        }
    }
}
