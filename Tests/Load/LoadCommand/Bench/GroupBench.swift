/// Groups of several sizes on a stack with two gateways, whose people are on both in turn.
struct GroupBench: Sendable {
    var sizes: [Int]
    var senders: Int
    var seconds: Double
    let progress = Progress(label: "bench-groups")

    func run() async throws -> [GroupReport] {
        let bench = try await BenchStack.start(gateways: 2, progress)
        do {
            let reports = try await measure(bench)
            await bench.stop()
            return reports
        } catch {
            await bench.stop()
            throw error
        }
    }

    private func measure(_ bench: BenchStack) async throws -> [GroupReport] {
        let most = sizes.max() ?? 0
        progress.say("signing up \(most) people")
        let preparation = Preparation(gateway: bench.gateway, width: 32)
        let people = try await preparation.signUp(most)
        var reports: [GroupReport] = []
        for size in sizes {
            let before = try await BusBytes.read(bench)
            let run = try await TrafficRun(
                gateway: bench.gateway, others: bench.others, stack: await bench.processes(),
                people: try await preparation.group(of: Array(people.prefix(size))),
                pace: .closed(senders: min(senders, size)), duration: .seconds(seconds),
                progress: Progress(label: "\(size) members", isQuiet: false)
            ).run()
            let after = try await BusBytes.read(bench)
            let sent = Double(max(1, run.traffic.sent))
            reports.append(
                GroupReport(
                    members: size, run: run, busBytesIn: Double(after.received - before.received) / sent,
                    busBytesOut: Double(after.sent - before.sent) / sent))
        }
        return reports
    }
}

/// What a group of some size has come to.
struct GroupReport: Sendable, Codable {
    var members: Int
    var run: RunReport
    /// Bytes to and from the broker for each message, everything else that happened meanwhile included.
    var busBytesIn: Double
    var busBytesOut: Double

    /// Markdown.
    static func table(_ reports: [GroupReport]) -> String {
        ([header] + reports.map(\.row)).joined(separator: "\n")
    }

    private static let header = """
        | members | messages/s | deliveries/s | end to end p50 / p99 | CPU of all servers for 1,000 deliveries \
        | messages and database for 1,000 messages | bytes to / from the broker for a message |
        |---|---|---|---|---|---|---|
        """

    private var row: String {
        let traffic = run.traffic
        let deliveries = max(1, traffic.deliveredPerSecond * run.cpuWindow)
        let storing = run.cpuPer1000("messages") + run.cpuPer1000("database")
        return "| \(members) | \(traffic.acknowledgedPerSecond.text(0)) | \(traffic.deliveredPerSecond.text(0))"
            + " | \(traffic.endToEnd.p50.text(1)) / \(traffic.endToEnd.p99.text(1)) ms"
            + " | \((run.serverCPUSeconds / deliveries * 1_000).text(3)) s | \(storing.text(3)) s"
            + " | \(busBytesIn.text(0)) / \(busBytesOut.text(0)) |"
    }
}
