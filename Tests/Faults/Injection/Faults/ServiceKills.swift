import FaultCluster
import FaultHistory
import FaultWorkload

/// F1: a messages replica dies, one after the other.
struct MessagesReplicaKilled: Fault {
    let id = "F1"
    let summary = """
        Each messages replica in turn is killed while it holds shards and has commands in hand, and started again by its \
        supervisor. The other takes its shards over; what was in hand is delivered again and stored once.
        """
    let touches: Set<Subject> = [.messages]
    let traces: [Trace] = [.counted("kills", .kills, atLeast: 2), .redeliveries]
    let recovery = Recovery.during(2)
    let usualSeconds = 20

    func inject(in scene: Scene) async throws {
        let usual = scene.workload.sendsPerSecond
        defer { scene.workload.setSendsPerSecond(usual) }
        for node in scene.shuffled(Node.messages) {
            // A replica has little in hand at any moment; with few messages it would die between two of them.
            scene.workload.setSendsPerSecond(max(usual, 600))
            try await scene.last(0.5)
            await scene.kill(node)
            scene.workload.setSendsPerSecond(usual)
            try await scene.last(4)
            try await scene.revive([node])
            try await scene.last(2)
        }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.messages) }
}

/// F2: a gateway dies with all its streams and requests.
struct GatewayKilled: Fault {
    let id = "F2"
    let summary = """
        Each gateway in turn is killed. Its browsers go to the other, sync, and send again what was under way, under the \
        same client message ids.
        """
    let touches: Set<Subject> = [.gateways]
    let traces: [Trace] = [.counted("kills", .kills, atLeast: 2), .disconnects, .trouble]
    let recovery = Recovery.during(5)
    let usualSeconds = 25

    func inject(in scene: Scene) async throws {
        for node in scene.shuffled(Node.gateways) {
            await scene.kill(node)
            try await scene.last(7)
            try await scene.revive([node])
            try await scene.last(2)
        }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.gateways) }
}

/// F3: nobody checks passwords any more.
struct UsersServiceKilled: Fault {
    let id = "F3"
    let summary = """
        Both users services are killed. Signing in and up is refused or fails while they are away; whoever is signed in \
        goes on writing and reading as if nothing had happened.
        """
    let touches: Set<Subject> = [.users]
    let traces: [Trace] = [.counted("kills", .kills, atLeast: 2), .trouble]
    let recovery = Recovery.during(2)
    let usualSeconds = 20

    func inject(in scene: Scene) async throws {
        for node in Node.users { await scene.kill(node) }
        try await scene.last(12)
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.users) }
}

/// F24: the shards change hands again and again.
struct ReplicasComeAndGo: Fault {
    let id = "F24"
    let summary = """
        Messages replicas are stopped and started in turn every few seconds, so that the shards change hands while \
        commands are in them. The order of every conversation stays.
        """
    let touches: Set<Subject> = [.messages]
    let traces: [Trace] = [.counted("stops", .stops, atLeast: 4)]
    let recovery = Recovery.during(2)
    let usualSeconds = 30

    func inject(in scene: Scene) async throws {
        for round in 0..<4 {
            let node = Node.messages[round % Node.messages.count]
            try await scene.restart(node)
            try await scene.revive([node])
            try await scene.last(4)
        }
    }

    func heal(in scene: Scene) async throws { try await scene.cluster.start(Node.messages) }
}
