import ChatContracts
import Foundation

/// What takes longer: many streams, a storm, reads of what is large, growth.
struct LongBench: Sendable {
    var streams = 10_000
    var stormStreams = 5_000
    var largest = 10_000_000
    /// Filling stops when it has taken this long.
    var fillLimit: Duration = .seconds(600)
    var soakMessages = 1_000_000
    let progress = Progress(label: "bench-long")

    /// - Parameter report: what `bench` has measured, to which this is added
    func run(addingTo report: BenchReport) async throws -> BenchReport {
        let bench = try await BenchStack.start(progress)
        do {
            var report = report
            var long = try await measure(bench)
            await bench.stop()
            try await growth(&long)
            report.long = long
            return report
        } catch {
            await bench.stop()
            throw error
        }
    }

    private func measure(_ bench: BenchStack) async throws -> LongReport {
        var report = LongReport()
        let preparation = Preparation(gateway: bench.gateway, width: 32)
        progress.say("signing up \(streams) people")
        let everybody = try await preparation.signUp(streams)

        try await bench.restartGateway()
        report.idle = try await IdleRun(
            gateway: bench.gateway, stack: await bench.processes(), people: everybody, duration: .seconds(40),
            progress: Progress(label: "idle")
        ).run()
        show(report.idle?.lines ?? [])

        try await storms(bench, preparation, Array(everybody.prefix(stormStreams)), &report)
        try await reads(bench, everybody, &report)
        try await soak(bench, preparation, &report)
        return report
    }

    private func storms(
        _ bench: BenchStack, _ preparation: Preparation, _ people: [Person], _ report: inout LongReport
    ) async throws {
        progress.say("opening \(people.count / 2) conversations")
        let pairs = try await preparation.each(people.count / 2) { index in
            _ = try await preparation.open(people, 2 * index + 1, 2 * index)
            return try await preparation.open(people, 2 * index, 2 * index + 1)
        }
        for round in 1...3 {
            let storm = StormRun(
                gateway: bench.gateway, stack: await bench.processes(),
                people: try await preparation.refreshed(People(all: people, pairs: pairs)), rate: 100,
                progress: Progress(label: "storm \(round)"))
            let result = try await storm.run()
            show(result.lines)
            report.storms.append(result)
        }
    }

    private func reads(_ bench: BenchStack, _ people: [Person], _ report: inout LongReport) async throws {
        let stack = await bench.processes()
        let large = 1_000_000
        let conversation = try await stack.withStorage { storage in
            try await storage.fillList(of: people[2].user, with: people.dropFirst(4).prefix(1000).map(\.user))
            return try await storage.fill(
                people[0].user, people[3].user, messages: large, progress: Progress(label: "history"))
        }
        for _ in 1...3 {
            let history = try await ReadsRun(
                gateway: bench.gateway, stack: stack,
                target: .history(conversation, messages: Int64(large), cookie: people[0].cookie), rate: 500
            ).run()
            show(history.lines)
            report.history.append(history)
        }
        for _ in 1...3 {
            let list = try await ReadsRun(
                gateway: bench.gateway, stack: stack, target: .list(cookie: people[2].cookie), rate: 100
            ).run()
            show(list.lines)
            report.list.append(list)
        }
    }

    private func show(_ lines: [String]) {
        for line in lines { progress.say(line) }
    }
}
