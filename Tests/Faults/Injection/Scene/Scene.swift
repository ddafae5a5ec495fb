import ChatContracts
public import FaultCluster
public import FaultHistory
public import FaultWorkload
import Synchronization

/// What a fault acts on, and where it says what it does.
public final class Scene: Sendable {
    public let cluster: Cluster
    public let workload: Workload
    public let lines: Lines
    public let counts: NemesisCounts
    /// Whether there is little time: everything lasts only as long as it has to.
    public let isShort: Bool
    /// Whether other faults last at the same time.
    let hasCompany: Bool

    let canaries = Canaries()
    private let fault: String
    private let announce: @Sendable (FaultStep.Phase, String) -> Void
    private let history: HistoryWriter
    private let random: Mutex<SeededRandom>
    private let errands = Mutex<[Task<Void, Never>]>([])
    private let allowance = Mutex<Recovery?>(nil)

    /// - Parameters:
    ///   - fault: the name of the fault, for the details
    ///   - announce: gets every step before it is made
    public init(
        cluster: Cluster, workload: Workload, lines: Lines, counts: NemesisCounts, history: HistoryWriter,
        fault: String, seed: UInt64, isShort: Bool, hasCompany: Bool,
        announce: @escaping @Sendable (FaultStep.Phase, String) -> Void
    ) {
        self.cluster = cluster
        self.workload = workload
        self.lines = lines
        self.counts = counts
        self.history = history
        self.fault = fault
        self.isShort = isShort
        self.hasCompany = hasCompany
        self.announce = announce
        random = Mutex(SeededRandom(seed: seed))
    }

    /// Says that something is about to be done.
    func injecting(_ what: String) { announce(.inject, what) }

    /// Lets it last.
    func last(_ seconds: Double) async throws {
        try await Task.sleep(for: .seconds(isShort ? seconds * 0.7 : seconds))
    }

    /// Lets nobody write any more until everything is well again, so that nothing later brings to light what is missing.
    func fallSilent(for seconds: Double) async throws {
        workload.pause()
        try await last(seconds)
    }

    func record(_ event: Event) { history.record(event, by: "nemesis") }

    func note(_ text: String) { history.record(.note(Note(text: "\(fault): \(text)")), by: "nemesis") }

    /// What the fault allows after all, having seen what happened.
    public var recovery: Recovery? { allowance.withLock { $0 } }

    func allow(_ recovery: Recovery) { allowance.withLock { $0 = recovery } }

    func pick<Item: Sendable>(_ items: [Item]) -> Item? {
        random.withLock { random in items.randomElement(using: &random) }
    }

    /// The messages replica that carries out most commands just now: the other may have nothing at all to do.
    func busyReplica() async throws -> Node {
        func commands() async -> [String: Double] {
            let measurements = await cluster.measurements()
            return Dictionary(
                measurements.map { ($0.source, $0.values["martlet_messages_commands_total", default: 0]) }
            ) { $1 }
        }
        let before = await commands()
        try await Task.sleep(for: .seconds(1))
        let after = await commands()
        func rise(_ node: Node) -> Double { after["\(node)", default: 0] - before["\(node)", default: 0] }
        guard let busiest = Node.messages.max(by: { rise($0) < rise($1) }) else {
            throw FaultFailure("there is no messages replica")
        }
        return busiest
    }

    func shuffled<Item: Sendable>(_ items: [Item]) -> [Item] {
        random.withLock { random in items.shuffled(using: &random) }
    }

    func number(in range: ClosedRange<Double>) -> Double {
        random.withLock { random in Double.random(in: range, using: &random) }
    }

    /// Begins something that nobody waits for; it is cancelled when the fault is over.
    func meanwhile(_ body: @escaping @Sendable () async -> Void) {
        let task = Task { await body() }
        errands.withLock { $0.append(task) }
    }

    /// Cancels what was begun and is not over.
    public func end() {
        for errand in errands.withLock({ $0 }) { errand.cancel() }
    }

    /// Waits until something holds.
    /// - Throws: ``FaultFailure`` when it does not in time
    func wait(
        until what: String, within seconds: Double, _ holds: () async -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while await !holds() {
            guard ContinuousClock.now < end else { throw FaultFailure("\(what) did not come to be in \(seconds) s") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: What is done to nodes

    func kill(_ node: Node) async {
        injecting("kill -9 \(node)")
        counts.add(to: .kills)
        await cluster.kill(node)
    }

    func pause(_ node: Node) async {
        injecting("freeze \(node)")
        counts.add(to: .pauses)
        await cluster.pause(node)
    }

    /// Stops a node in order, then starts it again.
    func restart(_ node: Node) async throws {
        injecting("restart \(node)")
        counts.add(to: .stops)
        await cluster.terminate(node)
        try await cluster.start(node)
    }

    /// Starts what does not run, lets go what is frozen, and waits until it does its part. Beside other faults a service
    /// may be unable to until those are healed, and is not waited for so long.
    func revive(_ nodes: [Node]) async throws {
        for node in nodes { await cluster.resume(node) }
        try await cluster.start(nodes)
        for node in nodes where Node.services.contains(node) {
            do {
                try await wait(until: "\(node) being ready", within: hasCompany ? 10 : 60) {
                    await self.cluster.isReady(node)
                }
            } catch is FaultFailure where hasCompany {
                // It is looked for when everything is healed.
            }
        }
    }

    /// The primary of the database.
    func primary() async throws -> Node {
        for _ in 0..<200 {
            if let primary = await cluster.primary() { return primary }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw FaultFailure("the database has no primary")
    }

    /// The queue of the first shard.
    static let firstShard = Topology.messageCommands(shard: 0)

    /// The broker that leads the first shard.
    func leader() async throws -> Node {
        for _ in 0..<100 {
            if let leader = try? await cluster.leader(ofQueue: Self.firstShard) { return leader }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw FaultFailure("nobody leads the first shard")
    }

    /// Waits until nothing is missing any more.
    func wholeAgain() async throws { try await cluster.waitUntilHealthy(within: .seconds(90)) }

    /// The same of the brokers alone: another fault may hold others at the same time.
    func brokersWholeAgain() async throws { try await cluster.waitUntilBrokersAreWhole(within: .seconds(90)) }

    /// Cuts every way between the groups.
    func split(_ groups: [[Node]], _ what: String) async throws {
        injecting(what)
        counts.add(to: .cuts)
        try await cluster.network.split(groups)
    }
}

/// A fault that could not be injected or undone: the run shows nothing.
public struct FaultFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
