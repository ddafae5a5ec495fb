import Foundation

/// Streams on which nothing happens.
struct IdleRun: Sendable {
    var gateway: Gateway
    var stack: StackProcesses
    var people: [Person]
    var duration: Duration
    var progress: Progress

    func run() async throws -> IdleReport {
        let before = stack.memory()
        let run = TrafficRun(
            gateway: gateway, stack: stack, people: People(all: people), pace: .silent, progress: progress)
        progress.say("opening \(people.count) streams")
        return try await run.withTraffic { traffic in
            // What the opening needed for a moment is not what a stream needs.
            try await watch(traffic, until: now() + 5_000_000_000)
            let cpu = stack.cpu()
            let begin = now()
            try await watch(traffic, until: begin + duration.nanoseconds)
            let used = stack.cpu().merging(cpu) { max(0, $0 - $1) }
            let seconds = Double(now() - begin) / 1e9
            let (live, fewest) = await traffic.signsOfLife()
            return IdleReport(
                streams: people.count, live: live, fewestSigns: fewest, seconds: seconds, cpuSeconds: used,
                memoryBefore: before, memoryAfter: stack.memory())
        }
    }

    private func watch(_ traffic: Traffic, until end: Int64) async throws {
        while now() < end {
            try await Task.sleep(for: .nanoseconds(min(end - now(), 5_000_000_000)))
            _ = try await traffic.takeSecond()
            progress.say("\(await traffic.signsOfLife().live) streams are live")
        }
    }
}

/// What idle streams cost.
struct IdleReport: Sendable, Codable {
    var streams: Int
    /// Streams that were live at the end.
    var live: Int
    /// Signs of life that the stream with the fewest of them got.
    var fewestSigns: Int
    var seconds: Double
    var cpuSeconds: [String: Double]
    var memoryBefore: [String: Int64]
    var memoryAfter: [String: Int64]

    private func isGateway(_ name: String) -> Bool { name.hasPrefix("gateway") }

    /// Bytes of the gateways' memory for each stream.
    var gatewayBytesPerStream: Double {
        let growth = memoryAfter.filter { isGateway($0.key) }
            .reduce(0) { $0 + $1.value - (memoryBefore[$1.key] ?? 0) }
        return Double(growth) / Double(max(1, streams))
    }

    /// Percent of one core.
    var gatewayCPU: Double {
        cpuSeconds.filter { isGateway($0.key) }.values.reduce(0, +) / seconds * 100
    }

    var serverCPU: Double { cpuSeconds.filter { $0.key != "load" }.values.reduce(0, +) / seconds * 100 }

    var lines: [String] {
        [
            "\(live) of \(streams) streams live after \(seconds.text(0)) s, at least \(fewestSigns) signs of life each",
            "gateway: \((gatewayBytesPerStream / 1024).text(1)) KiB for each stream,"
                + " \(gatewayCPU.text(2)) % of a core; all servers \(serverCPU.text(2)) %",
        ]
    }

    var failure: String? {
        if live < streams { return "\(streams - live) streams are gone" }
        // The gateway promises one every 15 seconds.
        if seconds >= 20, fewestSigns < 2 { return "a stream got no sign of life" }
        return nil
    }
}
