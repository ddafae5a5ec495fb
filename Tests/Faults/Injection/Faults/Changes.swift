import ChatContracts
import FaultCluster
import FaultHistory

/// F21: everything is restarted in order, one after the other, while people write.
struct RollingRestart: Fault {
    enum Extent: String, CaseIterable { case services, servers }

    let extent: Extent
    let id = "F21"
    var variant: String { extent.rawValue }
    var summary: String {
        switch extent {
        case .services:
            "Every service is stopped in order and started again, one after the other, as for a new version."
        case .servers:
            "Every broker and every database member is stopped in order and started again, one after the other."
        }
    }
    var touches: Set<Subject> { Set(Subject.allCases) }
    let isComposable = false
    var traces: [Trace] { [.counted("stops", .stops, atLeast: 6)] }
    let recovery = Recovery.during(10)
    var usualSeconds: Int { extent == .services ? 40 : 80 }

    func inject(in scene: Scene) async throws {
        switch extent {
        case .services:
            for node in Node.services {
                try await scene.restart(node)
                try await scene.revive([node])
            }
        case .servers:
            let primary = try await scene.primary()
            for node in Node.databases.filter({ $0 != primary }) + [primary] + Node.brokers {
                try await scene.restart(node)
                try await scene.wholeAgain()
            }
        }
        try await scene.last(3)
    }

    func heal(in scene: Scene) async throws { try await scene.revive(Node.all) }
}

/// F22: what the services meet in is deleted while they run.
struct TopologyLost: Fault {
    enum Part: String, CaseIterable {
        case shard
        case commands
        case events
        case rights
    }

    let part: Part
    let id = "F22"
    var variant: String { part.rawValue }
    var summary: String {
        let remedy = "It is declared again as a new start of the stack does it; the services find it by themselves."
        return switch part {
        case .shard: "The queue of a shard is deleted with everything in it. \(remedy)"
        case .commands: "The exchange of the commands is deleted. Sends are refused. \(remedy)"
        case .events: "The exchange of the events is deleted, and with it what every gateway wants to hear. \(remedy)"
        case .rights:
            """
            The messages services lose the right to publish events, and then people fall silent, so that nothing later \
            can bring to light what is missing. What is stored is acknowledged, and shown once they have the right again.
            """
        }
    }
    let touches: Set<Subject> = [.brokers]
    var traces: [Trace] {
        let deletions = Trace.counted("deletions", .deletions)
        return switch part {
        case .shard, .commands: [deletions, .trouble]
        case .events: [deletions]
        case .rights: [deletions, .withoutEvent]
        }
    }
    /// Silence would take from other faults what shows them.
    var isComposable: Bool { part != .rights }
    var stopsWork: Bool { part == .commands }
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 35

    func inject(in scene: Scene) async throws {
        scene.counts.add(to: .deletions)
        switch part {
        case .shard:
            let queue = Topology.messageCommands(shard: Int(scene.number(in: 0...Double(Topology.shardCount) - 0.01)))
            scene.injecting("delete the queue \(queue)")
            try await scene.cluster.deleteQueue(queue)
        case .commands:
            scene.injecting("delete the exchange \(Topology.commandsExchange)")
            try await scene.cluster.deleteExchange(Topology.commandsExchange)
        case .events:
            scene.injecting("delete the exchange \(Topology.eventsExchange)")
            try await scene.cluster.deleteExchange(Topology.eventsExchange)
        case .rights:
            scene.injecting("take the right to publish events from the messages services")
            try await scene.cluster.forbidEvents()
            try await scene.last(4)
            return try await scene.fallSilent(for: 8)
        }
        try await scene.last(8)
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.restoreTopology() }
}

/// F28: gateways do not hear that somebody was removed from a group, and hear what is said there afterwards.
struct GroupEventsLost: Fault {
    let id = "F28"
    let summary = """
        Again and again no gateway hears of groups for less than a second, without noticing: some of what happens to groups \
        is lost, removals among it, and what is written behind it arrives. Whoever was removed gets nothing of that.
        """
    let touches: Set<Subject> = [.brokers]
    let traces: [Trace] = [.counted("events lost", .deletions, atLeast: 10)]
    let recovery = Recovery.during(10)
    let usualSeconds = 35

    func inject(in scene: Scene) async throws {
        scene.injecting("lose what happens to groups, again and again")
        let end = ContinuousClock.now + .seconds(scene.isShort ? 15 : 30)
        while ContinuousClock.now < end {
            let gateways = try await scene.cluster.loseGroupEvents(
                milliseconds: Int(scene.number(in: 200...800)))
            scene.counts.add(gateways, to: .deletions)
            try await scene.last(scene.number(in: 0.2...1))
        }
    }
}

/// F25: a primary that was cut off comes back with writes that nobody else has.
struct Rollback: Fault {
    let id = "F25"
    let summary = """
        The primary of the database is cut off from everything while somebody writes to it without waiting for a \
        majority. When it comes back those writes are gone; nothing that was acknowledged to people is.
        """
    let touches: Set<Subject> = [.wires, .databases]
    let traces: [Trace] = [
        .elections, .counted("canaries written", .canariesWritten), .counted("canaries vanished", .canariesVanished),
    ]
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 45
    private static let flock = 50

    func inject(in scene: Scene) async throws {
        let primary = try await scene.primary()
        let before = try await scene.cluster.survivingCanaries()
        let others = Node.all.filter { $0 != primary }
        try await scene.split([[primary], others], "cut \(primary) off everything and write to it")
        let first = scene.canaries.begin(surviving: before)
        try await scene.cluster.writeCanaries(first...(first + Self.flock - 1), to: primary)
        scene.counts.add(Self.flock, to: .canariesWritten)
        scene.canaries.written(Self.flock)
        try await scene.last(12)
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.network.heal() }

    func lookBack(in scene: Scene) async throws {
        guard let expected = scene.canaries.expected else { return }
        let surviving = try await scene.cluster.survivingCanaries()
        scene.note("\(expected - surviving) of \(Self.flock) canaries vanished")
        scene.counts.add(max(0, expected - surviving), to: .canariesVanished)
    }
}
