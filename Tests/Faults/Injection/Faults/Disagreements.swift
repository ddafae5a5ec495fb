import ChatContracts
import FaultCluster
import FaultHistory

/// F26: the members of a queue no longer agree about what is in it, although they have all applied the same entries.
struct MemberAstray: Fault {
    enum Member: String, CaseIterable { case leader, follower }

    let member: Member
    let id = "F26"
    var variant: String { member.rawValue }
    var summary: String {
        let remedy = "Its node notices and replaces it, and everything that is in the queue is carried out."
        return switch member {
        case .leader:
            """
            The member that leads a shard numbers messages differently from the others, so that no acknowledgement \
            counts any more. \(remedy)
            """
        case .follower:
            "A member of a shard takes no acknowledgement for what it is, which nobody would see until it leads. \(remedy)"
        }
    }
    /// The messages replicas because a consumer that leaves takes with it what its queue's member has wrong about it.
    let touches: Set<Subject> = [.brokers, .messages]
    let traces: [Trace] = [.counted("members replaced", .membersReplaced)]
    let recovery = Recovery.during(10)
    let usualSeconds = 45

    func inject(in scene: Scene) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try await !isReplaced(in: scene) {
            guard ContinuousClock.now < end else { throw FaultFailure("consumers leave before anybody can notice") }
        }
        scene.counts.add(to: .membersReplaced)
        try await scene.last(5)
    }

    /// Misleads a member and waits until it has been replaced.
    /// - Returns: false if its consumer left before that, and nothing is wrong any more
    private func isReplaced(in scene: Scene) async throws -> Bool {
        let (queue, node, process) = try await mislead(in: scene)
        scene.injecting("mislead the member of \(queue) at \(node)")
        var isReplaced = false
        try await scene.wait(until: "\(node) has replaced its member of \(queue)", within: 60) {
            // Asked in this order, because it may be replaced in between.
            guard let isMisled = try? await scene.cluster.isMisled(memberOf: queue, at: node),
                let now = try? await scene.cluster.member(of: queue, at: node), now != "undefined"
            else { return false }
            isReplaced = now != process
            return isReplaced || !isMisled
        }
        return isReplaced
    }

    /// Misleads a member of any shard that has work: other faults may keep some without.
    private func mislead(in scene: Scene) async throws -> (queue: String, node: Node, process: String) {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            for queue in scene.shuffled((0..<Topology.shardCount).map(Topology.messageCommands(shard:))) {
                guard let node = try await place(of: queue, in: scene),
                    let process = try await scene.cluster.misleadMember(of: queue, at: node)
                else { continue }
                return (queue, node, process)
            }
        } while ContinuousClock.now < end
        throw FaultFailure("there is no shard with work")
    }

    /// Not the member that delivers: a consumer that misses numbers breaks its connection, which heals it at once.
    private func place(of queue: String, in scene: Scene) async throws -> Node? {
        guard let leader = try await scene.cluster.leader(ofQueue: queue),
            let nearest = try await scene.cluster.consumingBroker(of: queue)
        else { return nil }
        switch member {
        case .follower:
            return scene.pick(Node.brokers.filter { $0 != leader && $0 != nearest })
        case .leader where leader != nearest:
            return leader
        case .leader:
            guard let other = scene.pick(Node.brokers.filter { $0 != nearest }) else { return nil }
            try await scene.cluster.moveLeader(of: queue, from: leader, to: other)
            return other
        }
    }
}
