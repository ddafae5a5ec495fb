import FaultCluster
import FaultHistory

/// F7: something stops without dying: its connections stay open, and it goes on later as if nothing had happened.
struct Freeze: Fault {
    enum Victim: String, CaseIterable { case messages, gateway, broker, leader, primary }

    let victim: Victim
    let id = "F7"
    var variant: String { victim.rawValue }
    var summary: String {
        switch victim {
        case .messages:
            """
            A messages replica is frozen for so long that the broker gives its shards to the other, and then goes on with \
            the batch that it had in hand. The unique indexes keep it from storing anything twice or out of order.
            """
        case .gateway: "A gateway is frozen. Its browsers hear nothing, go to the other and sync."
        case .broker: "The broker that leads the first shard is frozen and then goes on."
        case .leader:
            """
            Of the broker that leads the first shard only the process that does so is frozen. The broker looks well, so \
            that nobody elects another, until its own watch ends that process.
            """
        case .primary: "The primary of the database is frozen, another is elected, and the old one goes on."
        }
    }
    var touches: Set<Subject> {
        switch victim {
        case .messages: [.messages]
        case .gateway: [.gateways]
        case .broker, .leader: [.brokers]
        case .primary: [.databases]
        }
    }
    var traces: [Trace] {
        let pause = Trace.counted("pauses", .pauses)
        switch victim {
        case .messages: return [pause, .trouble, .redeliveries]
        case .gateway, .broker: return [pause, .trouble]
        case .leader: return [pause, .terms]
        case .primary: return [pause, .elections]
        }
    }
    let recovery = Recovery.afterwards(10)
    var usualSeconds: Int {
        switch victim {
        case .messages: 36
        case .leader: 45
        case .gateway, .broker, .primary: 30
        }
    }

    func inject(in scene: Scene) async throws {
        switch victim {
        case .messages:
            let node = try await scene.busyReplica()
            await scene.pause(node)
            // Two heartbeats of 5 s without a sign, then the broker believes it.
            try await scene.last(18)
        case .gateway:
            guard let node = scene.pick(Node.gateways) else { return }
            await scene.pause(node)
            try await scene.last(15)
        case .broker:
            await scene.pause(try await scene.leader())
            try await scene.last(15)
        case .leader:
            let node = try await scene.leader()
            let queue = Scene.firstShard
            scene.injecting("suspend the process of \(node) that leads \(queue)")
            scene.counts.add(to: .pauses)
            let process = try await scene.cluster.suspendMember(of: queue, at: node)
            try await scene.wait(until: "\(node) has ended the process that leads \(queue)", within: 60) {
                guard let now = try? await scene.cluster.member(of: queue, at: node) else { return false }
                return now != process
            }
        case .primary:
            await scene.pause(try await scene.primary())
            try await scene.last(10)
        }
    }

    func heal(in scene: Scene) async throws {
        for node in Node.all { await scene.cluster.resume(node) }
    }
}
