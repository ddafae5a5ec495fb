public import LocalStack

/// The networks of the nodes, joined by a bridge that this process is on too.
///
/// It must be in a network of its own (see ``PrivateEnvironment``), which then holds nothing else.
public actor ClusterNetwork {
    private static let bridge = "bridge0"
    /// Nobody has this hardware address, so frames for it arrive nowhere.
    private static let nowhere = "02:00:00:00:00:99"

    private struct Cut: Hashable {
        var from: Node
        var to: Node
    }

    private var cuts: Set<Cut> = []
    private var diversions: Set<Cut> = []

    /// Where a node is and how a program gets there.
    public static nonisolated func location(of node: Node) -> Location {
        Location(
            address: node.address,
            entry: node == .driver ? [] : ["/usr/bin/nsenter", "--net=/run/netns/\(node.name)", "--"])
    }

    /// Makes the networks.
    func build() async throws(ClusterError) {
        let bridge = Self.bridge
        var lines = [
            "link add name \(bridge) type bridge", "addr add \(Node.driver.address)/24 dev \(bridge)",
            "link set \(bridge) up",
        ]
        for node in Node.all {
            lines += [
                "netns add \(node.name)", "link add name \(node.name) type veth peer name eth0 netns \(node.name)",
                "link set \(node.name) master \(bridge) up",
            ]
        }
        try await Tool.ip.run(batch: lines)
        for node in Node.all {
            try await Tool.ip.run(
                batch: ["link set lo up", "addr add \(node.address)/24 dev eth0", "link set eth0 up"], in: node)
        }
        try await allowForeignAddresses()
    }

    /// From now on nothing that the first node sends arrives at the second. The other direction stays as it is.
    public func cut(from: Node, to: Node) async throws(ClusterError) {
        try await cut(from: [from], to: [to])
    }

    /// From now on nothing that one of the first nodes sends arrives at one of the second.
    public func cut(from: [Node], to: [Node]) async throws(ClusterError) {
        for sender in from {
            let others = to.filter { $0 != sender && !cuts.contains(Cut(from: sender, to: $0)) }
            try await Tool.ip.run(
                batch: others.map {
                    "neigh replace \($0.address) lladdr \(Self.nowhere) dev \(Self.device(of: sender)) nud permanent"
                }, in: sender)
            for other in others { cuts.insert(Cut(from: sender, to: other)) }
        }
    }

    /// From now on nothing passes between the groups, in either direction.
    public func split(_ groups: [[Node]]) async throws(ClusterError) {
        for (index, group) in groups.enumerated() {
            let others = groups.enumerated().filter { $0.offset != index }.flatMap(\.element)
            try await cut(from: group, to: others)
        }
    }

    /// Ends every cut.
    public func heal() async throws(ClusterError) { try await heal(cuts) }

    /// Ends the cuts between two nodes.
    public func heal(between one: Node, and other: Node) async throws(ClusterError) {
        try await heal(cuts.intersection([Cut(from: one, to: other), Cut(from: other, to: one)]))
    }

    /// Whether anything is cut.
    public var isWhole: Bool { cuts.isEmpty }

    private func heal(_ ended: Set<Cut>) async throws(ClusterError) {
        for (sender, cuts) in Dictionary(grouping: ended, by: \.from) {
            try await Tool.ip.run(
                batch: cuts.map { "neigh del \($0.to.address) dev \(Self.device(of: sender))" }, in: sender)
            self.cuts.subtract(cuts)
        }
    }

    private static func device(of node: Node) -> String { node == .driver ? bridge : "eth0" }

    /// From now on what the node sends to the target arrives at this process instead, where a proxy must listen at the
    /// *target's* address and port: here that address can be listened on, and connections made from here still lead to
    /// the real target. Connections that exist are reset by that, on both sides.
    ///
    /// So a client that learns the addresses of a replica set or cluster from its members, as MongoDB's do, goes through
    /// the proxy as well.
    public func divert(from sender: Node, to target: Node) async throws(ClusterError) {
        let diversion = Cut(from: sender, to: target)
        guard !diversions.contains(diversion) else { return }
        if !diversions.contains(where: { $0.to == target }) {
            // What is sent from here goes on to the target; what others send here for the target is taken in.
            try await Tool.ip.run(
                batch: [
                    "rule add pref \(Self.preference(target)) iif lo to \(target.address) lookup main",
                    "route add local \(target.address)/32 dev lo table local",
                ])
        }
        try await Tool.ip.run(
            batch: ["route add \(target.address)/32 via \(Node.driver.address) dev eth0"], in: sender)
        diversions.insert(diversion)
        // Nothing that the sender says reaches the target any more, not even a reset. Without this a broker would go on
        // delivering to a consumer that is gone, until it missed its heartbeats.
        try await Tool.ss.run(["-N", target.name, "-K", "dst", sender.address, "sport", "=", ":\(target.port)"])
    }

    /// Ends a diversion; connections through the proxy are reset.
    public func endDiversion(from sender: Node, to target: Node) async throws(ClusterError) {
        guard diversions.remove(Cut(from: sender, to: target)) != nil else { return }
        try await Tool.ip.run(batch: ["route del \(target.address)/32"], in: sender)
        if !diversions.contains(where: { $0.to == target }) {
            try await Tool.ip.run(
                batch: [
                    "route del local \(target.address)/32 dev lo table local",
                    "rule del pref \(Self.preference(target))",
                ])
        }
    }

    /// Ends every diversion.
    public func endDiversions() async throws(ClusterError) {
        for diversion in diversions { try await endDiversion(from: diversion.from, to: diversion.to) }
    }

    private static func preference(_ node: Node) -> Int { 100 + (Node.all.firstIndex(of: node) ?? 0) }

    /// Lets proxies listen at the addresses of the nodes.
    private func allowForeignAddresses() async throws(ClusterError) {
        // The rule for this process's own addresses usually comes before all others; diversions have to come before it.
        try await Tool.ip.run(batch: ["rule add pref 32000 lookup local", "rule del pref 0"])
        let settings = [
            "ip_nonlocal_bind": "1", "conf/all/rp_filter": "0", "conf/\(Self.bridge)/rp_filter": "0",
            // A diverted address counts as one of this process's, but the target alone is to be asked for it.
            "conf/all/arp_ignore": "1",
        ]
        for (name, value) in settings { try SystemSetting.write(value, to: "/proc/sys/net/ipv4/\(name)") }
    }
}
