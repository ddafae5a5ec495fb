import FaultCluster
import FaultHistory
import FaultWorkload

/// F11: everything arrives, but late, slowly, or in pieces of which the last is missing.
struct BadLine: Fault {
    enum Kind: String, CaseIterable { case slow, narrow, breaking }

    let kind: Kind
    let id = "F11"
    var variant: String { kind.rawValue }
    var summary: String {
        switch kind {
        case .slow:
            "Everything between clients, gateways, a messages replica and the servers takes up to half a second."
        case .narrow: "A gateway has 64 kbit/s to its clients and a messages replica as much to the brokers."
        case .breaking:
            """
            Connections of clients, of a gateway and of a messages replica are reset in the middle of a frame or answer, \
            again and again.
            """
        }
    }
    let touches: Set<Subject> = [.wires, .clients, .gateways, .messages]
    var traces: [Trace] {
        switch kind {
        case .slow, .narrow: [.delays.atLeast(20)]
        case .breaking: [.resets.atLeast(5), .trouble]
        }
    }
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 40

    func inject(in scene: Scene) async throws {
        guard let gateway = scene.pick(Node.gateways) else { return }
        let replica = try await scene.busyReplica()
        let lines = scene.lines
        switch kind {
        case .slow:
            scene.injecting("5 to 250 ms each way at the clients, 5 to 100 ms at \(replica)")
            let outer = Toxics(latency: .milliseconds(5), jitter: .milliseconds(245))
            let inner = Toxics(latency: .milliseconds(5), jitter: .milliseconds(95))
            for node in Node.gateways {
                await lines.spoil(entrance: node, ProxyConditions(requests: outer, answers: outer))
            }
            let conditions = ProxyConditions(requests: inner, answers: inner)
            try await lines.spoil(from: replica, to: Node.databases + Node.brokers, conditions)
            try await scene.last(15)
        case .narrow:
            scene.injecting("8000 bytes/s at \(gateway) and at \(replica)")
            let narrow = Toxics(bytesPerSecond: 8_000)
            let conditions = ProxyConditions(requests: narrow, answers: narrow)
            await lines.spoil(entrance: gateway, conditions)
            try await lines.spoil(from: replica, to: Node.brokers, conditions)
            try await scene.last(15)
        case .breaking:
            scene.injecting("resets at the clients, at \(gateway) and at \(replica)")
            func breaking(_ range: ClosedRange<Int>) -> ProxyConditions {
                let toxics = Toxics(ending: .init(.reset, after: range))
                return ProxyConditions(requests: toxics, answers: toxics)
            }
            for node in Node.gateways { await lines.spoil(entrance: node, breaking(200...30_000)) }
            try await lines.spoil(from: replica, to: Node.databases, breaking(2_000...60_000))
            try await lines.spoil(from: gateway, to: Node.brokers, breaking(4_000...80_000))
            try await scene.last(15)
        }
    }

    func heal(in scene: Scene) async throws { try await scene.lines.heal() }
}

/// F12: something was done, and who asked for it never hears.
struct LostResponse: Fault {
    enum Kind: String, CaseIterable { case response, reply, confirm, events }

    let kind: Kind
    let id = "F12"
    var variant: String { kind.rawValue }
    var summary: String {
        switch kind {
        case .response:
            "Clients never get the answer to what they sent, and send it again: it is stored once and answered the same."
        case .reply: "Gateways never get the reply of the messages service, or the confirm that a command was taken."
        case .confirm:
            """
            Messages replicas never get the confirms of their events, and the brokers never the acknowledgements: what \
            was stored is delivered again.
            """
        case .events:
            """
            What a messages replica says to the brokers gets lost while it still hears them, and then people fall \
            silent, so that nothing later can bring to light what is missing. Everybody still sees all that is stored.
            """
        }
    }
    var touches: Set<Subject> {
        switch kind {
        case .response: [.wires, .clients]
        case .reply: [.wires, .gateways]
        case .confirm, .events: [.wires, .messages]
        }
    }
    var traces: [Trace] {
        switch kind {
        case .response: [.cuts.atLeast(5), .unknown, .duplicates]
        case .reply: [.cuts.atLeast(2), .trouble]
        case .confirm: [.cuts.atLeast(2), .redeliveries]
        case .events: [.cuts]
        }
    }
    /// Silence would take from other faults what shows them.
    var isComposable: Bool { kind != .events }
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 30

    func inject(in scene: Scene) async throws {
        let lines = scene.lines
        switch kind {
        case .response:
            scene.injecting("the answers of both gateways are cut off")
            let conditions = ProxyConditions(answers: Toxics(ending: .init(.cut, after: 0...20_000)))
            for node in Node.gateways { await lines.spoil(entrance: node, conditions) }
        case .reply:
            scene.injecting("what the brokers say to the gateways is cut off")
            let conditions = ProxyConditions(answers: Toxics(ending: .init(.cut, after: 3_000...60_000)))
            for node in Node.gateways { try await lines.spoil(from: node, to: Node.brokers, conditions) }
        case .confirm:
            scene.injecting("what the brokers say to the messages replicas, and what they say to them, is cut off")
            let late = Toxics(ending: .init(.cut, after: 20_000...200_000))
            // Of both: one that has lost its connection once has no work until the other loses its own.
            for replica in Node.messages {
                try await lines.spoil(from: replica, to: Node.brokers, ProxyConditions(requests: late, answers: late))
            }
        case .events:
            let replica = try await scene.busyReplica()
            scene.injecting("what \(replica) says to the brokers is cut off")
            // Soon reached by what carries events, and late by what only acknowledges commands.
            let conditions = ProxyConditions(requests: Toxics(ending: .init(.cut, after: 2_000...10_000)))
            try await lines.spoil(from: replica, to: Node.brokers, conditions)
            try await scene.last(8)
            return try await scene.fallSilent(for: 4)
        }
        try await scene.last(12)
    }

    func heal(in scene: Scene) async throws { try await scene.lines.heal() }
}
