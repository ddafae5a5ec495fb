import FaultCluster
import FaultHistory

/// F27: the log of all quorum queues at a broker has ended, as it does when the disk is full for too many writes in a row.
struct QueueLogEnded: Fault {
    let id = "F27"
    let summary = """
        The process that writes the log of all quorum queues at a broker crashes until it is not started again. The broker \
        says that it runs, and has no member of any queue. It starts anew by itself.
        """
    let touches: Set<Subject> = [.brokers]
    let traces: [Trace] = [.counted("logs ended", .logsEnded)]
    /// The broker waits 15 seconds before it takes the log for lost, and then starts.
    let recovery = Recovery.during(30)
    let usualSeconds = 60

    func inject(in scene: Scene) async throws {
        guard let node = scene.pick(Node.brokers) else { return }
        scene.injecting("end the log of the queues at \(node)")
        try await scene.cluster.endQueueLog(at: node)
        scene.counts.add(to: .logsEnded)
        try await scene.wait(until: "\(node) has a log again", within: 90) {
            (try? await scene.cluster.hasQueueLog(at: node)) == true
        }
        try await scene.last(5)
    }
}
