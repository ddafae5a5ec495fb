import Foundation
import LocalStack
import StackCommand

/// The members of the quorum queues: whether they follow their leaders, and one that stops.
extension Cluster {
    /// Waits until every member of every quorum queue has got as far as the furthest had when this was called. A member
    /// that runs and gets no further serves nobody, and with the next node that fails its queue has no majority.
    public nonisolated func waitUntilQueuesAreInStep(within limit: Duration = .seconds(60)) async throws(ClusterError) {
        let end = ContinuousClock.now + limit
        var goal: [String: Double] = [:]
        for place in await places().values { goal.merge(place, uniquingKeysWith: max) }
        while true {
            let places = await places()
            guard let behind = Self.laggard(places, behind: goal) else { return }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .seconds(1))) != nil else {
                throw ClusterError("the members of quorum queues were not in step within \(limit): \(behind)")
            }
        }
    }

    /// The process that is a queue's member at a node, as the node names it; "undefined" if there is none.
    public nonisolated func member(of queue: String, at node: Node) async throws(ClusterError) -> String {
        try await control(node, ["eval", "whereis(\(Self.process(of: queue)))."])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Has a queue's member at a node do nothing any more, although it exists.
    /// - Returns: what ``member(of:at:)`` said of it
    public nonisolated func suspendMember(of queue: String, at node: Node) async throws(ClusterError) -> String {
        let member = try await member(of: queue, at: node)
        // Whoever suspends a process must not end, or it goes on.
        let suspend = "erlang:suspend_process(whereis(\(Self.process(of: queue))))"
        try await control(node, ["eval", "spawn(fun() -> \(suspend), timer:sleep(infinity) end)."])
        return member
    }

    private static func process(of queue: String) -> String { "'\(ServiceBuilder.virtualHost)_\(queue)'" }

    private static func laggard(_ places: [Node: [String: Double]], behind goal: [String: Double]) -> String? {
        for (queue, index) in goal.sorted(by: { $0.key < $1.key }) {
            for node in Node.brokers where places[node]?[queue] ?? 0 < index {
                let place = places[node]?[queue].map { "is at \(Int($0))" } ?? "says nothing"
                return "the member of \(queue) at \(node) \(place), others were at \(Int(index)) before"
            }
        }
        return nil
    }

    /// The last entry that each member has applied, as it said in the last five seconds, by queue.
    private nonisolated func places() async -> [Node: [String: Double]] {
        let metric = "rabbitmq_detailed_raft_log_last_applied_index.\(ServiceBuilder.virtualHost)."
        var places: [Node: [String: Double]] = [:]
        for node in Node.brokers where await isRunning(node) {
            let address = "http://\(node.address):15692/metrics/detailed?family=ra_metrics"
            guard let text = await page(address, .seconds(5)) else { continue }
            places[node] = Dictionary(
                PrometheusText.values(text).compactMap { name, value in
                    name.hasPrefix(metric) ? (String(name.dropFirst(metric.count)), value) : nil
                }, uniquingKeysWith: max)
        }
        return places
    }
}
