import Foundation

/// One run, as it is written as JSON.
struct RunReport: Sendable, Codable {
    var traffic: TrafficResult
    /// Processor time of each process while it was measured.
    var cpuSeconds: [String: Double]
    /// How long that was.
    var cpuWindow: Double
    /// At the end of the measured time.
    var memoryBytes: [String: Int64]
    /// What the messages services did meanwhile; nil if that is not known.
    var batches: BatchUse?

    /// Processes that people who run Martlet have to pay for: all but the tool.
    var serverCPUSeconds: Double { cpuSeconds.filter { $0.key != "load" }.values.reduce(0, +) }

    /// Messages of the time in which processor time was counted.
    private var messages: Double { traffic.acknowledgedPerSecond * cpuWindow }

    func cpuPer1000(_ process: String) -> Double {
        messages > 0 ? (cpuSeconds[process] ?? 0) / messages * 1000 : 0
    }

    var serverCPUPer1000: Double { messages > 0 ? serverCPUSeconds / messages * 1000 : 0 }

    var lines: [String] {
        var lines = [
            "acknowledged \(traffic.acknowledgedPerSecond.text(0))/s, delivered \(traffic.deliveredPerSecond.text(0))/s",
            "end to end       \(traffic.endToEnd.line)",
            "acknowledgement  \(traffic.acknowledgement.line)",
        ]
        lines.append(traffic.violationLine)
        if !traffic.refusals.isEmpty {
            lines.append(
                "refused: \(traffic.refusals.map { "\($0.value) x \($0.key)" }.sorted().joined(separator: ", "))")
        }
        if cpuSeconds.count > 1 {
            lines.append("CPU seconds per 1,000 messages: servers \(serverCPUPer1000.text(3))")
            for (name, seconds) in cpuSeconds.sorted(by: { $0.key < $1.key }) {
                let memory = Double(memoryBytes[name] ?? 0) / 1_048_576
                lines.append(
                    "  \(name.padding(toLength: 10, withPad: " ", startingAt: 0))"
                        + " \(cpuPer1000(name).text(4))   \((seconds / cpuWindow * 100).text(0)) % of a core   \(memory.text(1)) MiB"
                )
            }
        }
        if let batches { lines.append(batches.line) }
        return lines
    }

    var failure: String? { traffic.failure }
}

extension LatencySummary {
    var line: String {
        "p50 \(p50.text(2))  p90 \(p90.text(2))  p99 \(p99.text(2))  p99.9 \(p999.text(2))  max \(max.text(2)) ms"
    }
}
