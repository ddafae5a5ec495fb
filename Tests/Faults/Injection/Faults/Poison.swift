import ChatContracts
import FaultCluster
import FaultHistory
import Foundation

/// F18: commands that nobody can carry out.
struct PoisonedCommands: Fault {
    let id = "F18"
    let summary = """
        Commands that cannot be read, are of no known type, or lack what they need are put between the others, as if a \
        service had a mistake. They are dead-lettered, alone; their neighbours are carried out.
        """
    let touches: Set<Subject> = [.clients]
    let traces: [Trace] = [
        Trace("poisons", sights: [.poisons], atLeast: 3),
        Trace(
            "dead letters", counters: ["martlet_messages_dead_lettered_total", "martlet_bus_dead_lettered_total"],
            atLeast: 3),
    ]
    let recovery = Recovery.during(2)
    let usualSeconds = 20

    func inject(in scene: Scene) async throws {
        let types = [SendMessage.typeName, SendMessage.typeName, "message.unheard-of.v1"]
        for round in 0..<2 {
            for (number, type) in types.enumerated() {
                let shard = Int(scene.number(in: 0...Double(Topology.shardCount - 1)).rounded())
                let queue = Topology.messageCommands(shard: shard)
                let mark = "poison \(round) \(number) \(UInt64.random(in: 0 ... .max))"
                let body = Data((number == 0 ? "{not JSON: \(mark)" : #"{"mark":"\#(mark)"}"#).utf8)
                scene.injecting("poison \(queue) with \(type)")
                try await put(body, type: type, into: queue, in: scene)
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        try await scene.last(5)
    }

    /// Beside a fault of the brokers, none may take it for a while; then it is tried again, and at last left out.
    private func put(_ body: Data, type: String, into queue: String, in scene: Scene) async throws {
        let hash = TextHash.of(body)
        for _ in 0..<3 {
            do {
                try await scene.cluster.publish(body, type: type, to: Topology.commandsExchange, routingKey: queue)
                scene.record(.poison(FaultHistory.Poison(queue: queue, hash: hash)))
                return
            } catch {
                try Task.checkCancellation()
                // A broker that did not answer may have taken it all the same.
                scene.record(.poison(FaultHistory.Poison(queue: queue, hash: hash, isConfirmed: false)))
                try await Task.sleep(for: .seconds(2))
            }
        }
    }
}
