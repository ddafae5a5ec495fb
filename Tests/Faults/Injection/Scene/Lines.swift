public import FaultCluster
import NIOPosix

/// The proxies of a run: one before each gateway, which all clients go through, and others that connections inside of the
/// cluster are diverted through while a fault lasts.
public actor Lines {
    private struct Diversion: Hashable {
        var from: Node
        var to: Node
    }

    private let cluster: Cluster
    private let entrances: [Node: TCPProxy]
    private var inner: [Node: TCPProxy] = [:]
    private var diversions: Set<Diversion> = []
    private var past = ProxyCounts()

    private init(cluster: Cluster, entrances: [Node: TCPProxy]) {
        self.cluster = cluster
        self.entrances = entrances
    }

    /// Opens the entrances.
    public static func open(before cluster: Cluster) async throws -> Lines {
        var entrances: [Node: TCPProxy] = [:]
        for gateway in Node.gateways {
            entrances[gateway] = try await TCPProxy.listen(
                at: ProxyAddress(host: Node.driver.address, port: 18_080 + gateway.number),
                for: ProxyAddress(host: gateway.address, port: gateway.port), on: MultiThreadedEventLoopGroup.singleton)
        }
        return Lines(cluster: cluster, entrances: entrances)
    }

    /// Where clients reach the gateways.
    public nonisolated var addresses: [(node: Node, address: String)] {
        entrances.sorted { $0.key < $1.key }.map { ($0.key, "http://\($0.value.address)") }
    }

    /// What happens from now on between clients and a gateway.
    func spoil(entrance gateway: Node, _ conditions: ProxyConditions) {
        entrances[gateway]?.set(conditions)
    }

    /// What happens from now on between a node and others. Connections that exist are reset by that.
    func spoil(from node: Node, to targets: [Node], _ conditions: ProxyConditions) async throws {
        for target in targets {
            let proxy = try await proxy(for: target)
            proxy.set(conditions)
            try await cluster.network.divert(from: node, to: target)
            diversions.insert(Diversion(from: node, to: target))
        }
    }

    /// Everything is as it was.
    func heal() async throws {
        for entrance in entrances.values { entrance.set(.none) }
        for diversion in diversions {
            try await cluster.network.endDiversion(from: diversion.from, to: diversion.to)
            diversions.remove(diversion)
        }
        for proxy in inner.values {
            await proxy.stop()
            past = past + proxy.counts
        }
        inner = [:]
    }

    /// Closes the entrances too.
    public func close() async {
        try? await heal()
        for entrance in entrances.values { await entrance.stop() }
    }

    /// By the names that traces use.
    public var values: [String: Double] {
        let all = (Array(entrances.values) + Array(inner.values)).reduce(past) { $0 + $1.counts }
        return [
            "proxy.refused": Double(all.refused), "proxy.delayed": Double(all.delayed),
            "proxy.resets": Double(all.resets), "proxy.cuts": Double(all.cuts),
            "proxy.lostBytes": Double(all.lostBytes), "proxy.stalls": Double(all.stalls),
            "proxy.halfCloses": Double(all.halfCloses), "proxy.connections": Double(all.connections),
        ]
    }

    private func proxy(for target: Node) async throws -> TCPProxy {
        if let proxy = inner[target] { return proxy }
        let address = ProxyAddress(host: target.address, port: target.port)
        let proxy = try await TCPProxy.listen(
            at: address, for: address, transparent: true, on: MultiThreadedEventLoopGroup.singleton)
        inner[target] = proxy
        return proxy
    }
}
