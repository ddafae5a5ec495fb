import FaultCluster
import FaultHistory
import FaultInjection

/// Asks everything that runs for its numbers, every few seconds, and writes them down.
struct Watch: Sendable {
    private static let rhythm: Duration = .seconds(3)

    let cluster: Cluster
    let lines: Lines
    let counts: NemesisCounts
    let history: HistoryWriter

    /// Until cancelled.
    func run() async {
        while !Task.isCancelled {
            await sample()
            do { try await Task.sleep(for: Self.rhythm) } catch { return }
        }
    }

    func sample() async {
        for measurement in await cluster.measurements() {
            history.record(.counters(measurement), by: "suite")
            let gauges = measurement.values.filter { $0.key.hasPrefix("memory.") || $0.key.hasPrefix("queue.") }
            if !gauges.isEmpty {
                history.record(.gauges(Measurement(source: measurement.source, values: gauges)), by: "suite")
            }
        }
        let own = counts.values.merging(await lines.values) { $1 }
        history.record(.counters(Measurement(source: "nemesis", values: own)), by: "nemesis")
    }
}
