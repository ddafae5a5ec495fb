import FaultCluster
import FaultHistory
import FaultWorkload

/// F19: everything is sent several times.
struct DuplicateStorm: Fault {
    let id = "F19"
    let summary = """
        Every attempt to send is made two to five times at once, at both gateways. Each message is stored once, and every \
        answer names the same number.
        """
    let touches: Set<Subject> = [.clients]
    let traces: [Trace] = [Trace("repeated messages", sights: [.repeated], atLeast: 20), .duplicates.atLeast(20)]
    let recovery = Recovery.during(5)
    let usualSeconds = 20

    func inject(in scene: Scene) async throws {
        scene.injecting("two to five copies of every send")
        scene.workload.setCopies(2...5)
        try await scene.last(10)
    }

    func heal(in scene: Scene) async throws { scene.workload.setCopies(1...1) }
}

/// F20: streams that nobody reads, or only slowly.
struct SlowReaders: Fault {
    let id = "F20"
    let summary = """
        Some browsers read a byte a second of their streams and a thousand streams are open without anything to say. Slow \
        ones are told to sync and are closed; nobody else notices.
        """
    let touches: Set<Subject> = [.clients]
    let traces: [Trace] = [
        .counted("idle streams", .idleStreams, atLeast: 1_000),
        Trace("open streams", counters: ["martlet_gateway_live_streams"], atLeast: 500),
    ]
    let recovery = Recovery.during(5)
    let usualSeconds = 35

    func inject(in scene: Scene) async throws {
        scene.injecting("20 slow readers and 1000 idle streams")
        scene.counts.add(1_000, to: .idleStreams)
        let workload = scene.workload
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await workload.readSlowly(streams: 20) }
            group.addTask { await workload.holdIdleStreams(1_000) }
            group.addTask { try await scene.last(20) }
            // The floods only end when they are cancelled, which ending the wait does.
            while let ended = await group.nextResult() {
                if case .failure(let error) = ended { throw error }
                group.cancelAll()
            }
        }
    }
}

/// F23: more is asked than can be done.
struct Overload: Fault {
    enum Kind: String, CaseIterable { case sends, signIns = "sign-ins", reconnects }

    let kind: Kind
    let id = "F23"
    var variant: String { kind.rawValue }
    var summary: String {
        switch kind {
        case .sends:
            """
            First as many sends as can be carried, then three times that. At least 70 % of the best throughput is still \
            acknowledged, everything else is refused with Retry-After, and memory stays within its bounds.
            """
        case .signIns:
            "Hundreds sign in at once, each of which costs a core tens of milliseconds. The others go on chatting."
        case .reconnects: "All browsers lose their streams at once and come back, again and again."
        }
    }
    let touches: Set<Subject> = [.clients]
    var isComposable: Bool { kind != .sends }
    var traces: [Trace] {
        switch kind {
        case .sends: [.refusals]
        case .signIns: [.counted("sign-ins at once", .signInsAtOnce)]
        case .reconnects: [.disconnects.atLeast(50)]
        }
    }
    var recovery: Recovery { kind == .reconnects ? .during(5) : .afterwards(10) }
    var usualSeconds: Int { kind == .sends ? 45 : 25 }

    func inject(in scene: Scene) async throws {
        switch kind {
        case .sends: try await overload(scene)
        case .signIns:
            scene.injecting("200 sign-ins at once")
            scene.counts.add(200, to: .signInsAtOnce)
            try await during(scene, seconds: 10) { await $0.floodSignIns(atOnce: 200) }
        case .reconnects:
            for _ in 0..<5 {
                scene.injecting("all streams are broken off")
                scene.workload.reconnectAllTabs()
                try await scene.last(3)
            }
        }
    }

    private func overload(_ scene: Scene) async throws {
        let seconds = scene.isShort ? 6.0 : 10
        let warmingUp = 3.0
        scene.injecting("as many sends as are answered")
        let before = Measured()
        try await during(scene, seconds: seconds + warmingUp) { workload in
            await withTaskGroup { group in
                group.addTask { await workload.flood(Flood(senders: 96)) }
                group.addTask {
                    try? await Task.sleep(for: .seconds(warmingUp))
                    scene.record(.load(LoadLevel(factor: 1)))
                    before.begin(workload.counts.acknowledged)
                }
            }
        }
        let best = before.rate(scene.workload.counts.acknowledged)
        scene.record(.load(LoadLevel(factor: 0)))
        scene.note("at best \(Int(best)) sends a second")
        try await Task.sleep(for: .seconds(2))
        scene.injecting("three times \(Int(best)) sends a second")
        try await during(scene, seconds: seconds + warmingUp) { workload in
            await withTaskGroup { group in
                group.addTask { await workload.flood(Flood(senders: 500, sendsPerSecond: best * 3)) }
                group.addTask {
                    try? await Task.sleep(for: .seconds(warmingUp))
                    scene.record(.load(LoadLevel(factor: 3)))
                }
            }
        }
        scene.record(.load(LoadLevel(factor: 0)))
    }

    /// Lets something go on for a while.
    private func during(
        _ scene: Scene, seconds: Double, _ body: @escaping @Sendable (Workload) async -> Void
    ) async throws {
        let workload = scene.workload
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await body(workload) }
            group.addTask { try await Task.sleep(for: .seconds(seconds)) }
            while let ended = await group.nextResult() {
                if case .failure(let error) = ended, !(error is CancellationError) { throw error }
                group.cancelAll()
            }
        }
        try Task.checkCancellation()
    }

    func heal(in scene: Scene) async throws { scene.record(.load(LoadLevel(factor: 0))) }
}
