import FaultCluster
import FaultHistory

/// F13: a broker's disk is nearly full, or really.
struct BrokerDiskFull: Fault {
    enum Extent: String, CaseIterable { case alarm, full }

    let extent: Extent
    let id = "F13"
    var variant: String { extent.rawValue }
    var summary: String {
        switch extent {
        case .alarm:
            """
            A broker has less free disk than it wants and blocks all publishers of the cluster. Sends are refused; the \
            messages services go on acknowledging what they have stored, so that the queues drain.
            """
        case .full:
            """
            The disk of a broker is full to the last byte when it wants to write its tables, which ends them. When there \
            is room again it starts anew by itself.
            """
        }
    }
    let touches: Set<Subject> = [.brokers]
    let stopsWork = true
    var traces: [Trace] {
        [.counted("full disks", .fullDisks)] + (extent == .alarm ? [.counted("alarms", .alarms)] : []) + [.trouble]
    }
    let recovery = Recovery.afterwards(15)
    let usualSeconds = 45

    func inject(in scene: Scene) async throws {
        guard let node = scene.pick(Node.brokers) else { return }
        let rest = extent == .alarm ? 20 << 20 : 0
        scene.injecting("fill the disk of \(node) up to \(rest) bytes")
        scene.counts.add(to: .fullDisks)
        try await scene.cluster.fill(node, leaving: rest)
        // It looks at its disk every ten seconds at most. With nothing left it can end before that, at the next file that it
        // wants to write; then it answers nobody, or only that something is wrong inside it.
        var isAlarmed: Bool?
        try await scene.wait(until: "the disk alarm of \(node)", within: 20) {
            isAlarmed = await scene.cluster.hasDiskAlarm(node)
            return isAlarmed ?? (extent == .full)
        }
        if isAlarmed == true { scene.counts.add(to: .alarms) }
        if extent == .full {
            // It does so every three minutes, and does not survive it.
            scene.meanwhile { [cluster = scene.cluster] in try? await cluster.writeTables(of: node) }
        }
        try await scene.last(8)
    }

    func heal(in scene: Scene) async throws {
        for node in Node.brokers { try await scene.cluster.unfill(node) }
        try await scene.cluster.start(Node.brokers)
    }
}

/// F14: the disk of a member of the database is full.
struct DatabaseDiskFull: Fault {
    enum Victim: String, CaseIterable { case primary, secondary }

    let victim: Victim
    let id = "F14"
    var variant: String { victim.rawValue }
    var summary: String {
        switch victim {
        case .primary: "The disk of the primary is full to the last byte: it ends itself, and another is elected."
        case .secondary: "The disk of a secondary is full to the last byte: it ends itself. The others are a majority."
        }
    }
    let touches: Set<Subject> = [.databases]
    var traces: [Trace] {
        [.counted("full disks", .fullDisks)] + (victim == .primary ? [.elections] : [])
    }
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 40

    func inject(in scene: Scene) async throws {
        let primary = try await scene.primary()
        let others = Node.databases.filter { $0 != primary }
        guard let node = victim == .primary ? primary : scene.pick(others) else { return }
        try await scene.cluster.makeRoomForBallast(at: primary)
        scene.injecting("fill the disk of \(node)")
        scene.counts.add(to: .fullDisks)
        try await scene.cluster.fill(node)
        // It notices when it writes a checkpoint, the next of which is a minute away at most. What people write may fit
        // into what is free inside its files, above all if it has ended like this before.
        scene.meanwhile { [cluster = scene.cluster] in
            try? await cluster.writeBallast(to: primary)
            while !Task.isCancelled, await cluster.isRunning(node) {
                try? await cluster.checkpoint(node)
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        try await scene.wait(until: "the end of \(node), whose disk is full,", within: 15) {
            await !scene.cluster.isRunning(node)
        }
        try await scene.last(12)
    }

    func heal(in scene: Scene) async throws {
        for node in Node.databases { try await scene.cluster.unfill(node) }
        try await scene.cluster.start(Node.databases)
    }
}

/// F15: a broker has too little memory.
struct BrokerMemoryAlarm: Fault {
    let id = "F15"
    let summary = """
        A broker raises its memory alarm and blocks all publishers of the cluster. Sends are refused; what is stored is \
        acknowledged, and whoever is connected is told to sync afterwards.
        """
    let touches: Set<Subject> = [.brokers]
    let stopsWork = true
    let traces: [Trace] = [.counted("alarms", .alarms), .trouble]
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 35

    func inject(in scene: Scene) async throws {
        let node = try await scene.leader()
        scene.injecting("raise the memory alarm of \(node)")
        scene.counts.add(to: .alarms)
        try await scene.cluster.setMemoryAlarm(true, of: node)
        try await scene.last(12)
    }

    func heal(in scene: Scene) async throws {
        for node in Node.brokers { try await scene.cluster.setMemoryAlarm(false, of: node) }
    }
}

/// F16: commands come and nobody takes them.
struct QueuesFull: Fault {
    let id = "F16"
    let summary = """
        Both messages replicas are frozen and the queues of their commands are allowed to hold only a few. Further sends \
        are refused at once, and say when to come back.
        """
    let touches: Set<Subject> = [.messages, .brokers]
    let traces: [Trace] = [.counted("pauses", .pauses, atLeast: 2), .refusals]
    let recovery = Recovery.afterwards(10)
    let usualSeconds = 35

    func inject(in scene: Scene) async throws {
        scene.injecting("at most two commands in a shard")
        try await scene.cluster.limitQueues(#"^messages\.commands\."#, to: 2)
        for node in Node.messages { await scene.pause(node) }
        try await scene.last(10)
    }

    func heal(in scene: Scene) async throws {
        for node in Node.messages { await scene.cluster.resume(node) }
        try await scene.cluster.limitQueues("", to: nil)
    }
}
