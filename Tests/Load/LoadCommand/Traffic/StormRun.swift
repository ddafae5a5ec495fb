/// All streams cut at once while messages are sent.
struct StormRun: Sendable {
    var gateway: Gateway
    var stack: StackProcesses
    /// Everybody has a stream and a conversation; some write.
    var people: People
    var rate: Double
    var senders = 100
    var progress: Progress

    func run() async throws -> StormReport {
        let run = TrafficRun(
            gateway: gateway, stack: stack, people: people, pace: .open(perSecond: rate, senders: senders),
            progress: progress)
        progress.say("opening \(people.all.count) streams")
        return try await run.withTraffic { traffic in
            await traffic.measure(from: .max, to: .max)
            await traffic.start()
            try await progress.watch(traffic, until: now() + 3_000_000_000)
            progress.say("cutting \(people.all.count) streams")
            let cpu = stack.cpu()
            let storm = try await traffic.storm(within: .seconds(60))
            let used = stack.cpu().merging(cpu) { max(0, $0 - $1) }
            await traffic.stop()
            try await traffic.drain(within: .seconds(10))
            return StormReport(
                storm: storm, traffic: await traffic.result(), cpuSeconds: used, memoryBytes: stack.memory())
        }
    }
}

struct StormReport: Sendable, Codable {
    var storm: Traffic.Storm
    var traffic: TrafficResult
    var cpuSeconds: [String: Double]
    var memoryBytes: [String: Int64]

    var lines: [String] {
        [
            "\(storm.streams) streams cut; half were live and in sync again after \(storm.halfBack.text(2)) s,"
                + " 99 % after \(storm.mostBack.text(2)) s, all after \(storm.allBack.text(2)) s",
            "\(storm.attempts) connections, \(storm.fetched) messages fetched by syncs",
            "sends meanwhile  \(traffic.acknowledgement.line)",
            traffic.violationLine,
        ]
    }

    var failure: String? { traffic.failure }
}
