import Foundation

extension LongBench {
    /// The cost of a message with more and more of them in the database, on a stack that has none at first.
    func growth(_ report: inout LongReport) async throws {
        let bench = try await BenchStack.start(Progress(label: "grow"))
        do {
            try await grow(bench, &report)
            await bench.stop()
        } catch {
            await bench.stop()
            throw error
        }
    }

    private func grow(_ bench: BenchStack, _ report: inout LongReport) async throws {
        let preparation = Preparation(gateway: bench.gateway, width: 32)
        let people = try await preparation.people(512)
        let stack = await bench.processes()
        var size = 10_000
        while true {
            let label = Progress(label: "grow \(size)")
            let begin = ContinuousClock.now
            try await GrowthRun.fill(stack, to: size, progress: label)
            let filling = ContinuousClock.now - begin
            let step = try await GrowthRun(
                gateway: bench.gateway, stack: stack, people: people, preparation: preparation, progress: label
            ).run(size)
            report.growth.append(step)
            step.lines.forEach(label.say)
            guard size < largest else { return }
            let next = size < 1_000_000 ? min(1_000_000, largest) : largest
            if size >= 1_000_000, filling * (Double(next) / Double(size)) > fillLimit {
                report.remarks.append("growth beyond \(size) messages would have taken longer than \(fillLimit)")
                return
            }
            size = next
        }
    }

    /// A million messages through the front door, and what the messages service then needs.
    func soak(_ bench: BenchStack, _ preparation: Preparation, _ report: inout LongReport) async throws {
        let people = try await preparation.people(512)
        let stack = await bench.processes()
        let run = TrafficRun(
            gateway: bench.gateway, stack: stack, people: people, pace: .closed(senders: 256),
            progress: Progress(label: "soak"))
        report.soak = try await run.soak(messages: soakMessages)
    }
}
