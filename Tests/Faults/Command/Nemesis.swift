import FaultCluster
import FaultHistory
import FaultInjection
import FaultWorkload

/// Injects one round of faults after the other and waits in between until everything is well again.
struct Nemesis: Sendable {
    let options: RunOptions
    let cluster: Cluster
    let workload: Workload
    let lines: Lines
    let counts: NemesisCounts
    let watch: Watch
    let history: HistoryWriter
    let progress: Progress

    /// - Returns: why the run shows nothing, for people; empty if it does
    func run() async throws -> [String] {
        var schedule = Schedule(
            seed: options.seed, faults: options.choice, composes: options.faults == nil && !options.short)
        let end = ContinuousClock.now + .seconds(options.minutes * 60)
        var failures: [String] = []
        var window = 0
        do {
            if let behind = try await settle() { return ["nothing was well before the first fault: \(behind)"] }
        } catch {
            return ["nothing was well before the first fault: \(error)"]
        }
        while let round = schedule.next(secondsLeft: Int((end - ContinuousClock.now) / .seconds(1))) {
            window += 1
            do {
                if let failure = try await play(round, window: window) {
                    failures.append("\(round.name): \(failure)")
                    progress.line("\(round.name) FAILED: \(failure)")
                }
            } catch let ailment as Ailment {
                failures.append("\(round.name): \(ailment)")
                progress.line("\(round.name) FAILED: \(ailment)")
                // Whatever follows would only show what this one left behind.
                break
            }
        }
        if !schedule.remaining.isEmpty {
            progress.line("not run: \(schedule.remaining.map(\.name).sorted().joined(separator: ", "))")
        }
        return failures
    }

    /// - Returns: what is wrong, for people
    /// - Throws: ``Ailment`` if it is so wrong that nothing can follow
    private func play(_ round: Schedule.Round, window: Int) async throws -> String? {
        let name = round.faults.count == 1 ? round.name : round.faults.map(\.id).joined(separator: "+")
        let announce: @Sendable (FaultStep.Phase, String) -> Void = { [history, progress] phase, detail in
            history.record(
                .fault(FaultStep(window: window, fault: name, phase: phase, detail: detail)), by: "nemesis")
            progress.line("\(name)  \(phase.rawValue)  \(detail)")
        }
        let scenes = round.faults.enumerated().map { index, fault in
            Scene(
                cluster: cluster, workload: workload, lines: lines, counts: counts, history: history,
                fault: fault.name, seed: round.seed &+ UInt64(index), isShort: options.short,
                hasCompany: round.faults.count > 1, announce: announce)
        }
        await watch.sample()
        history.record(
            .fault(
                FaultStep(
                    window: window, fault: name, phase: .begin, detail: round.name, traces: round.traces,
                    recovery: recovery(of: round))), by: "nemesis")
        try await Task.sleep(for: .seconds(2))

        let injection = await attempt { try await all(round, scenes) { try await $0.inject(in: $1) } }
        await watch.sample()
        let healing = await attempt { try await all(round, scenes) { try await $0.heal(in: $1) } }
        let allowed = round.faults.count == 1 ? scenes.first?.recovery.map(patiently) : nil
        history.record(
            .fault(FaultStep(window: window, fault: name, phase: .heal, detail: "", recovery: allowed)), by: "nemesis")
        progress.line("\(name)  healed")
        for scene in scenes { scene.end() }
        let behind = try await settle()
        let aftermath = await attempt { try await all(round, scenes) { try await $0.lookBack(in: $1) } }
        await watch.sample()
        announce(.end, "")
        try Task.checkCancellation()
        return injection ?? healing ?? behind ?? aftermath
    }

    /// What did not heal by itself.
    private struct Ailment: Error, CustomStringConvertible {
        let description: String
    }

    /// Waits until everything runs and every tab shows everything.
    /// - Returns: who does not show everything
    private func settle() async throws -> String? {
        do {
            try await cluster.waitUntilHealthy(within: .seconds(90 * options.patience))
            try await cluster.waitUntilQueuesAreInStep(within: .seconds(60 * options.patience))
        } catch {
            throw Ailment(description: "not well again by itself: \(error)")
        }
        let convergence = await workload.waitUntilConverged(within: .seconds(45 * options.patience))
        workload.resume()
        guard !convergence.isComplete else { return nil }
        return "behind: " + convergence.behind.prefix(3).joined(separator: "; ")
    }

    private func all(
        _ round: Schedule.Round, _ scenes: [Scene],
        _ body: @escaping @Sendable (any Fault, Scene) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (fault, scene) in zip(round.faults, scenes) { group.addTask { try await body(fault, scene) } }
            try await group.waitForAll()
        }
    }

    private func attempt(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func patiently(_ recovery: Recovery) -> Recovery {
        Recovery(from: recovery.from, within: recovery.within.map { $0 * options.patience })
    }

    /// Several faults at a time owe nothing until all are healed.
    private func recovery(of round: Schedule.Round) -> Recovery {
        guard round.faults.count == 1, let only = round.faults.first else {
            return patiently(Recovery(from: .heal, within: 20))
        }
        return patiently(only.recovery)
    }
}
