import FaultCluster
import FaultHistory

/// F17: the clocks of the services are wrong.
struct WrongClocks: Fault {
    enum Kind: String, CaseIterable { case apart, jumping }

    let kind: Kind
    let id = "F17"
    var variant: String { kind.rawValue }
    var summary: String {
        switch kind {
        case .apart:
            "The clocks of the services are an hour ahead or behind, those of two replicas in opposite directions."
        case .jumping: "The clocks of all services jump every second, by up to an hour, back and forth."
        }
    }
    let touches: Set<Subject> = [.clocks]
    var traces: [Trace] { [.counted("clock steps", .clockSteps, atLeast: 6)] }
    let recovery = Recovery.during(2)
    let usualSeconds = 25

    func inject(in scene: Scene) async throws {
        scene.injecting(kind == .apart ? "clocks an hour ahead and behind" : "clocks jump by up to an hour")
        switch kind {
        case .apart:
            for node in Node.services { try set(node.number == 1 ? 3_600 : -3_600, of: node, in: scene) }
            try await scene.last(12)
        case .jumping:
            for _ in 0..<(scene.isShort ? 8 : 12) {
                for node in Node.services { try set(Int(scene.number(in: -3_600...3_600)), of: node, in: scene) }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func set(_ seconds: Int, of node: Node, in scene: Scene) throws {
        try scene.cluster.setClock(.seconds(seconds), of: node)
        scene.counts.add(to: .clockSteps)
    }

    func heal(in scene: Scene) async throws {
        for node in Node.services { try scene.cluster.setClock(.zero, of: node) }
    }
}
