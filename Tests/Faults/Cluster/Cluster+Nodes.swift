import LocalStack
import StackCommand

// The processes of the nodes.
extension Cluster {
    enum Part: Sendable {
        case broker(BrokerNode)
        case database(DatabaseNode)
        case service(ServiceProcess)
    }

    nonisolated func part(_ node: Node) -> Part? {
        switch node.kind {
        case .driver: nil
        case .broker: brokers[node].map(Part.broker)
        case .database: .database(database.nodes[node.number - 1])
        case .gateway, .users, .messages: services[node].map(Part.service)
        }
    }

    /// Starts a node. A broker or database member answers when this returns, a service may not be ready yet. No effect
    /// if it runs.
    ///
    /// Brokers that all were down must be started together (``start(_:)-([Node])``), because each waits for the others.
    public func start(_ node: Node) async throws(ClusterError) {
        do {
            switch part(node) {
            case .broker(let broker): try await Self.start(broker)
            case .database(let member): try await member.start()
            case .service(let service): try await service.start()
            case nil: break
            }
        } catch {
            throw ClusterError("\(node) could not be started", cause: error)
        }
    }

    /// One that ends while it starts is started again, as a service manager would: of three that start in the same moment
    /// one may ask another for its feature flags before that one has any, and give up.
    private nonisolated static func start(_ broker: BrokerNode) async throws(LocalStackError) {
        var tries = 3
        while true {
            do {
                return try await broker.start()
            } catch {
                tries -= 1
                guard error.code == .start, tries > 0, !Task.isCancelled else { throw error }
            }
        }
    }

    /// Starts several nodes at the same time.
    public func start(_ nodes: [Node]) async throws(ClusterError) {
        try await together(nodes.map { node in { try await self.start(node) } }, what: "nodes could not be started")
    }

    /// Kills a node with SIGKILL, as a crash of its machine would.
    public nonisolated func kill(_ node: Node) async {
        switch part(node) {
        case .broker(let broker): await broker.kill()
        case .database(let member): await member.kill()
        case .service(let service): await service.kill()
        case nil: break
        }
    }

    /// Kills several nodes at the same time.
    public nonisolated func kill(_ nodes: [Node]) async {
        await withTaskGroup { group in
            for node in nodes { group.addTask { await self.kill(node) } }
        }
    }

    /// Asks a node to stop (SIGTERM) and waits until it has.
    public nonisolated func terminate(_ node: Node) async {
        switch part(node) {
        case .broker(let broker): await broker.stop()
        case .database(let member): await member.stop()
        case .service(let service): await service.stop()
        case nil: break
        }
    }

    /// Freezes a node (SIGSTOP): connections stay open and nothing answers.
    public nonisolated func pause(_ node: Node) async {
        switch part(node) {
        case .broker(let broker): await broker.pause()
        case .database(let member): await member.pause()
        case .service(let service): await service.pause()
        case nil: break
        }
    }

    /// Lets a node go on after ``pause(_:)``.
    public nonisolated func resume(_ node: Node) async {
        switch part(node) {
        case .broker(let broker): await broker.resume()
        case .database(let member): await member.resume()
        case .service(let service): await service.resume()
        case nil: break
        }
    }

    /// Whether its process runs (also when paused).
    public nonisolated func isRunning(_ node: Node) async -> Bool { await pid(of: node) != nil }

    /// The process id while it runs.
    public nonisolated func pid(of node: Node) async -> Int32? {
        switch part(node) {
        case .broker(let broker): await broker.pid
        case .database(let member): await member.pid
        case .service(let service): await service.pid
        case nil: nil
        }
    }

    /// Sets the clock of a service off by this much, in whole seconds, within one second. Needs
    /// ``Options/canSetClocks``.
    public nonisolated func setClock(_ offset: Duration, of node: Node) throws(ClusterError) {
        try clocks.set(offset, of: node)
    }
}
