import FaultCluster
import FaultHistory

/// F4: a broker dies.
struct BrokerKilled: Fault {
    enum Victims: String, CaseIterable { case leader, each }

    let victims: Victims
    let id = "F4"
    var variant: String { victims.rawValue }
    var summary: String {
        switch victims {
        case .leader:
            """
            The broker that leads the first shard is killed. The queues that it led elect another leader, whoever was \
            connected to it connects to others, and publishes without an answer count as unknown.
            """
        case .each: "Each broker in turn is killed and started again, the next one only when the last one is back."
        }
    }
    let touches: Set<Subject> = [.brokers]
    var traces: [Trace] {
        [.counted("kills", .kills, atLeast: victims == .leader ? 1 : 3), .terms]
    }
    let recovery = Recovery.during(10)
    var usualSeconds: Int { victims == .leader ? 30 : 75 }

    func inject(in scene: Scene) async throws {
        let leader = try await scene.leader()
        let victims = victims == .leader ? [leader] : [leader] + scene.shuffled(Node.brokers.filter { $0 != leader })
        for (number, node) in victims.enumerated() {
            if number > 0 { try await scene.brokersWholeAgain() }
            await scene.kill(node)
            try await scene.last(10)
            try await scene.cluster.start(node)
        }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.brokers) }
}

/// F5: the database loses its primary, or another member.
struct DatabaseMemberLost: Fault {
    enum Victim: String, CaseIterable {
        case primary
        case stepDown = "step-down"
        case secondaries
    }

    let victim: Victim
    let id = "F5"
    var variant: String { victim.rawValue }
    var summary: String {
        switch victim {
        case .primary:
            """
            The primary of the database is killed. Sends wait for the election; batches whose outcome nobody knows are \
            delivered again and found stored, or stored then.
            """
        case .stepDown: "The primary hands over, as for maintenance, and closes its connections."
        case .secondaries: "Each secondary in turn is killed. The others are a majority: nothing is to be noticed."
        }
    }
    let touches: Set<Subject> = [.databases]
    var traces: [Trace] {
        switch victim {
        case .primary: [.counted("kills", .kills), .elections]
        case .stepDown: [.elections]
        case .secondaries: [.counted("kills", .kills, atLeast: 2)]
        }
    }
    var recovery: Recovery { .during(victim == .secondaries ? 2 : Self.election + 2) }
    let usualSeconds = 20
    /// The most seconds that an election is expected to take: the 2 s that members wait for a sign of the primary, with
    /// the 15 % that each adds at random, and the vote. If it took longer, that is what sends may wait for.
    static let election = 3.0

    func inject(in scene: Scene) async throws {
        let primary = try await scene.primary()
        switch victim {
        case .primary:
            await scene.kill(primary)
            try await measureElection(after: primary, in: scene)
            try await scene.last(6)
        case .stepDown:
            scene.injecting("step down \(primary)")
            try await scene.cluster.stepDown()
            try await measureElection(after: primary, in: scene)
            try await scene.last(5)
        case .secondaries:
            for node in Node.databases where node != primary {
                await scene.kill(node)
                try await scene.last(4)
                try await scene.cluster.start(node)
                try await scene.last(3)
            }
        }
    }

    private func measureElection(after primary: Node, in scene: Scene) async throws {
        let start = ContinuousClock.now
        try await scene.wait(until: "another primary", within: 60) {
            await scene.cluster.primary().map { $0 != primary } ?? false
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        scene.note("another primary after \(seconds) s")
        scene.allow(.during(max(seconds, Self.election) + 2))
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.databases) }
}

/// F6: everything of a kind dies at once.
struct Blackout: Fault {
    enum Extent: String, CaseIterable { case brokers, databases, everything }

    let extent: Extent
    let id = "F6"
    var variant: String { extent.rawValue }
    var summary: String {
        switch extent {
        case .brokers: "All brokers are killed at once and started together."
        case .databases: "All members of the database are killed at once and started together."
        case .everything: "Everything is killed at once, as when the power fails, and started together."
        }
    }
    var touches: Set<Subject> {
        switch extent {
        case .brokers: [.brokers]
        case .databases: [.databases]
        case .everything: Set(Subject.allCases)
        }
    }
    let isComposable = false
    var traces: [Trace] { [.counted("kills", .kills, atLeast: Double(nodes.count)), .trouble] }
    let recovery = Recovery.afterwards(20)
    var usualSeconds: Int { extent == .everything ? 50 : 40 }

    private var nodes: [Node] {
        switch extent {
        case .brokers: Node.brokers
        case .databases: Node.databases
        case .everything: Node.all
        }
    }

    func inject(in scene: Scene) async throws {
        scene.injecting("kill -9 \(nodes.map(\.name).joined(separator: ", "))")
        scene.counts.add(nodes.count, to: .kills)
        await scene.cluster.kill(nodes)
        try await scene.last(4)
    }

    func heal(in scene: Scene) async throws {
        try await scene.cluster.start(nodes.filter { !Node.services.contains($0) })
        try await scene.cluster.start(nodes.filter { Node.services.contains($0) })
    }
}
