import FaultCluster
import FaultHistory

/// F8: the network falls apart.
struct Partition: Fault {
    enum Shape: String, CaseIterable {
        case broker
        case primary
        case halves
        case ring
        case oneWay = "one-way"
    }

    let shape: Shape
    let id = "F8"
    var variant: String { shape.rawValue }
    var summary: String {
        switch shape {
        case .broker: "The broker that leads the first shard is cut off from the other brokers, and pauses itself."
        case .primary: "The primary of the database is cut off from the other members; the services reach both sides."
        case .halves: "All nodes are cut into two halves, drawn by lot."
        case .ring: "Every server reaches only some of the others, and no two the same ones."
        case .oneWay:
            "What the primary of the database sends no longer arrives at the other members; it still hears them."
        }
    }
    let touches: Set<Subject> = [.wires, .brokers, .databases]
    var traces: [Trace] {
        let cut = Trace.counted("cuts", .cuts)
        switch shape {
        case .primary: return [cut, .elections]
        case .broker, .halves: return [cut, .trouble]
        case .ring, .oneWay: return [cut]
        }
    }
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 40

    func inject(in scene: Scene) async throws {
        switch shape {
        case .broker:
            let leader = try await scene.leader()
            try await scene.split(
                [[leader], Node.brokers.filter { $0 != leader }], "cut \(leader) off the other brokers")
            // The others take it for dead after a net tick of 15 s.
            try await scene.last(20)
        case .primary:
            let primary = try await scene.primary()
            let others = Node.databases.filter { $0 != primary }
            try await scene.split([[primary], others], "cut \(primary) off the other members")
            try await scene.last(10)
        case .halves:
            let nodes = scene.shuffled(Node.all)
            let halves = [Array(nodes.prefix(nodes.count / 2)), Array(nodes.dropFirst(nodes.count / 2))]
            let names = halves.map { $0.sorted().map(\.name).joined(separator: " ") }
            try await scene.split(halves, "cut \(names[0]) off \(names[1])")
            try await scene.last(15)
        case .ring:
            try await cutRing(Node.databases, in: scene)
            try await cutRing(Node.brokers, in: scene)
            try await scene.last(15)
        case .oneWay:
            let primary = try await scene.primary()
            scene.injecting("nothing from \(primary) arrives at the other members")
            scene.counts.add(to: .cuts)
            try await scene.cluster.network.cut(from: [primary], to: Node.databases.filter { $0 != primary })
            try await scene.last(12)
        }
    }

    /// With three of a kind a ring has one broken link; the services at both of its ends see different majorities.
    private func cutRing(_ nodes: [Node], in scene: Scene) async throws {
        let order = scene.shuffled(nodes)
        try await scene.split([[order[0]], [order[1]]], "cut \(order[0]) off \(order[1])")
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.network.heal() }
}

/// F9: a service no longer reaches one of the two things that it works with.
struct ServiceCutOff: Fault {
    enum Ends: String, CaseIterable {
        case messagesFromBrokers = "messages-brokers"
        case messagesFromDatabase = "messages-database"
        case gatewayFromBrokers = "gateway-brokers"
        case gatewayFromEvents = "gateway-events"
        case gatewayFromDatabase = "gateway-database"
    }

    let ends: Ends
    let id = "F9"
    var variant: String { ends.rawValue }
    var summary: String {
        switch ends {
        case .messagesFromBrokers:
            "A messages replica no longer reaches the brokers, but the database. The other takes its shards over."
        case .messagesFromDatabase:
            "A messages replica no longer reaches the database, but the brokers. The other takes its shards over."
        case .gatewayFromBrokers: "A gateway no longer reaches the brokers. It refuses sends at once and says so."
        case .gatewayFromEvents:
            """
            A gateway no longer reaches the brokers, and people fall silent before it does again, so that nothing later \
            can bring to light what it missed. It tells its streams to sync.
            """
        case .gatewayFromDatabase: "A gateway no longer reaches the database, and cannot look at sessions."
        }
    }
    var touches: Set<Subject> {
        switch ends {
        case .messagesFromBrokers, .messagesFromDatabase: [.wires, .messages]
        case .gatewayFromBrokers, .gatewayFromEvents, .gatewayFromDatabase: [.wires, .gateways]
        }
    }
    var traces: [Trace] { [.counted("cuts", .cuts), .trouble] }
    /// Silence would take from other faults what shows them.
    var isComposable: Bool { ends != .gatewayFromEvents }
    /// A replica notices after ten seconds without an answer that its database is gone, and then asks it for two more.
    var recovery: Recovery { ends == .messagesFromDatabase ? .during(20) : .afterwards(10) }
    let usualSeconds = 45

    func inject(in scene: Scene) async throws {
        let isMessages = ends == .messagesFromBrokers || ends == .messagesFromDatabase
        let picked = isMessages ? try await scene.busyReplica() : scene.pick(Node.gateways)
        guard let node = picked else { return }
        let isBroker = ends != .messagesFromDatabase && ends != .gatewayFromDatabase
        try await scene.split(
            [[node], isBroker ? Node.brokers : Node.databases],
            "cut \(node) off the \(isBroker ? "brokers" : "database")")
        try await scene.last(ends == .messagesFromDatabase ? 30 : 15)
        if ends == .gatewayFromEvents { try await scene.fallSilent(for: 5) }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.network.heal() }
}

/// F10: the network falls apart and comes back, again and again.
struct Flapping: Fault {
    let id = "F10"
    let summary = """
        The messages replicas lose the database for a few seconds, have it back for one or two, and lose it again. \
        Commands that are delivered over and over through no fault of their own are not dead-lettered.
        """
    let touches: Set<Subject> = [.wires, .messages, .databases]
    let traces: [Trace] = [.counted("cuts", .cuts, atLeast: 4), .trouble]
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 45

    func inject(in scene: Scene) async throws {
        let end = ContinuousClock.now + .seconds(scene.isShort ? 15 : 30)
        while ContinuousClock.now < end {
            try await scene.split([Node.messages, Node.databases], "cut the messages replicas off the database")
            try await Task.sleep(for: .seconds(scene.number(in: 1...4)))
            try await scene.cluster.network.heal()
            try await Task.sleep(for: .seconds(scene.number(in: 0.5...2)))
        }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.network.heal() }
}
