public import BrokerAdministration
import LocalStack
import MongoStore
import StackCommand

// Who leads, and whether all is well.
extension Cluster {
    /// Waits until every node runs and does its part: services ready, brokers up with every quorum queue led and whole,
    /// no alarm, one primary and two secondaries.
    ///
    /// A broker that has ended by itself is started again, as a service manager would.
    /// - Throws: when that is not so in time, with what was missing last.
    public nonisolated func waitUntilHealthy(within limit: Duration = .seconds(120)) async throws(ClusterError) {
        try await waitUntilWell("the cluster was not healthy", within: limit) { await ailment() }
    }

    /// Waits until the brokers run and every quorum queue is led and whole, whatever is with the others. Starts those
    /// that have ended by themselves, as ``waitUntilHealthy(within:)`` does.
    /// - Throws: when that is not so in time, with what was missing last.
    public nonisolated func waitUntilBrokersAreWhole(within limit: Duration) async throws(ClusterError) {
        try await waitUntilWell("the brokers were not whole", within: limit) {
            for node in Node.brokers where await !isRunning(node) { return "\(node) does not run" }
            return await brokersAilment()
        }
    }

    private nonisolated func waitUntilWell(
        _ complaint: String, within limit: Duration, _ ailment: () async -> String?
    ) async throws(ClusterError) {
        let end = ContinuousClock.now + limit
        while true {
            for node in Node.brokers where await !isRunning(node) { try? await start(node) }
            let ailment = await ailment()
            guard let ailment else { return }
            guard ContinuousClock.now < end else {
                throw ClusterError("\(complaint) within \(limit): \(ailment)")
            }
            guard (try? await Task.sleep(for: .milliseconds(250))) != nil else {
                throw ClusterError("waiting for the cluster was cancelled")
            }
        }
    }

    /// What keeps the cluster from being healthy; nil if nothing does.
    public nonisolated func ailment() async -> String? {
        for node in Node.all where await !isRunning(node) { return "\(node) does not run" }
        async let services = servicesAilment()
        async let brokers = brokersAilment()
        async let database = databaseAilment()
        let ailments = await [database, brokers, services].compactMap(\.self)
        return ailments.first
    }

    /// Whether a service says of itself that it can work.
    public nonisolated func isReady(_ node: Node) async -> Bool {
        await services[node]?.isReady() ?? false
    }

    /// Waits until every broker says that all of them have started to the end. Before that they answer, but a virtual
    /// host that is made then is never whole.
    nonisolated func waitForBrokers(within limit: Duration = .seconds(30)) async throws(ClusterError) {
        let end = ContinuousClock.now + limit
        while true {
            let ailment = await brokersAilment(withQueues: false)
            guard let ailment else { return }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(100))) != nil else {
                throw ClusterError("the brokers did not form a cluster within \(limit): \(ailment)")
            }
        }
    }

    private nonisolated func servicesAilment() async -> String? {
        await withTaskGroup(of: String?.self) { group in
            for node in Node.services {
                group.addTask { await self.isReady(node) ? nil : "\(node) is not ready" }
            }
            return await group.first { $0 != nil } ?? nil
        }
    }

    /// Whether a broker says that its disk is too full, whatever else may be wrong meanwhile; nil when it does not answer.
    public nonisolated func hasDiskAlarm(_ node: Node) async -> Bool? {
        guard let broker = brokers[node], let nodes = try? await broker.administration.nodes() else { return nil }
        return nodes.contains { $0.hasDiskAlarm == true && $0.name.hasSuffix("@\(node.address)") }
    }

    private nonisolated func brokersAilment(withQueues: Bool = true) async -> String? {
        do {
            for node in Node.brokers {
                guard let broker = brokers[node] else { continue }
                let nodes = try await broker.administration.nodes()
                for other in nodes {
                    if !other.isRunning { return "\(node) sees that \(other.name) does not run" }
                    if other.partitions?.isEmpty == false { return "\(other.name) is partitioned" }
                    if other.hasMemoryAlarm == true { return "\(other.name) has a memory alarm" }
                    if other.hasDiskAlarm == true { return "\(other.name) has a disk alarm" }
                }
                if nodes.count < Node.brokers.count { return "\(node) knows only \(nodes.count) brokers" }
            }
            guard withQueues else { return nil }
            for queue in try await queues() where queue.type == "quorum" {
                if queue.leader?.isEmpty ?? true { return "\(queue.name) has no leader" }
                if queue.online?.count ?? 0 < Node.brokers.count {
                    return "\(queue.name) is online on \(queue.online ?? []) only"
                }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private nonisolated func databaseAilment() async -> String? {
        do {
            let states = try await replicaSetStates()
            if states.filter({ $0.value == "PRIMARY" }).count != 1 { return "the replica set has no single primary" }
            if states.filter({ $0.value == "SECONDARY" }).count != Node.databases.count - 1 {
                return "the members of the replica set are \(states.values.sorted().joined(separator: ", "))"
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The states of the members of the replica set as the primary sees them: `PRIMARY`, `SECONDARY` and so on.
    public nonisolated func replicaSetStates() async throws(ClusterError) -> [Node: String] {
        let response = try await databaseCommand("replSetGetStatus", Int32(1))
        var states: [Node: String] = [:]
        do {
            for member in try response.documents("members") {
                let name = try member.string("name")
                guard let node = Node.databases.first(where: { $0.host == name }) else { continue }
                states[node] = try member.string("stateStr")
            }
        } catch {
            throw ClusterError("the state of the replica set is not readable", cause: error)
        }
        return states
    }

    /// The member of the replica set that takes writes now, by its own account; a primary that is cut off may not know
    /// yet that it is none.
    public nonisolated func primary() async -> Node? {
        await withTaskGroup(of: Node?.self) { group in
            for node in Node.databases {
                let member = database.nodes[node.number - 1]
                group.addTask { await member.isPrimary() ? node : nil }
            }
            return await group.first { $0 != nil } ?? nil
        }
    }

    /// Makes the primary hand over.
    public nonisolated func stepDown() async throws(ClusterError) {
        let command = BSONDocument { command in
            command.append("replSetStepDown", Int32(30))
            command.append("secondaryCatchUpPeriodSecs", Int32(5))
        }
        _ = try await run(command)
    }

    /// The queues as one of the brokers that answer knows them.
    public nonisolated func queues() async throws(ClusterError) -> [BrokerQueue] {
        try await askBroker { administration throws(BrokerAdministrationError) in
            try await administration.queues(in: ServiceBuilder.virtualHost)
        }
    }

    /// The broker that leads a quorum queue, such as `messages.commands.0`.
    public nonisolated func leader(ofQueue name: String) async throws(ClusterError) -> Node? {
        let leader = try await queues().first { $0.name == name }?.leader
        return Node.brokers.first { brokers[$0]?.nodeName == leader }
    }

    /// Raises the memory alarm of a broker, which blocks whoever publishes, or clears it.
    public nonisolated func setMemoryAlarm(_ isOn: Bool, of node: Node) async throws(ClusterError) {
        do {
            try await brokers[node]?.setMemoryAlarm(isOn)
        } catch {
            throw ClusterError("the memory alarm of \(node) could not be set", cause: error)
        }
    }

    /// Runs `rabbitmqctl` on a broker, which takes a second or two.
    @discardableResult
    public nonisolated func control(_ node: Node, _ arguments: [String]) async throws(ClusterError) -> String {
        do {
            return try await brokers[node]?.control(arguments) ?? ""
        } catch {
            throw ClusterError("\(node) refused", cause: error)
        }
    }

    /// Asks the first broker that answers.
    nonisolated func askBroker<Answer: Sendable>(
        _ ask: (BrokerAdministration) async throws(BrokerAdministrationError) -> Answer
    ) async throws(ClusterError) -> Answer {
        var last: (any Error)?
        for node in Node.brokers where await isRunning(node) {
            guard let broker = brokers[node] else { continue }
            do {
                return try await ask(broker.administration)
            } catch {
                last = error
            }
        }
        throw ClusterError("no broker answers", cause: last)
    }

    nonisolated func databaseCommand(_ name: String, _ value: Int32) async throws(ClusterError) -> BSONDocument {
        try await run(BSONDocument { $0.append(name, value) })
    }

    /// Runs a command on the primary.
    nonisolated func run(_ command: BSONDocument) async throws(ClusterError) -> BSONDocument {
        let database = try await administratorDatabase()
        do {
            return try await database.runCommand(command)
        } catch {
            throw ClusterError("the database does not answer", cause: error)
        }
    }
}
