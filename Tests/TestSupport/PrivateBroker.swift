import Foundation
public import LocalStack

/// A RabbitMQ node of a test's own, to stop, kill, pause or starve.
public struct PrivateBroker: Sendable {
    /// The running node.
    public let node: BrokerNode
    private let portMapper: PortMapper
    private let folder: TemporaryFolder

    /// Starts a node in a temporary folder.
    public static func start(options: BrokerNode.Options = .init()) async throws -> PrivateBroker {
        let folder = try TemporaryFolder()
        let portMapper = try PortMapper()
        let node = try BrokerNode(
            folder: folder.url.appending(path: "broker"), portMapper: portMapper, options: options)
        try await node.start()
        return PrivateBroker(node: node, portMapper: portMapper, folder: folder)
    }

    /// Kills the node and deletes its data.
    public func delete() async {
        await node.kill()
        await portMapper.stop()
        folder.delete()
    }
}

/// Runs the body with a broker of its own and a virtual host on it. It takes several seconds to start: use it only
/// where the shared one will not do.
public func withPrivateBroker<Result>(
    options: BrokerNode.Options = .init(), _ body: (BrokerNode, BrokerAccess) async throws -> Result
) async throws -> Result {
    let broker = try await PrivateBroker.start(options: options)
    do {
        let access = try await broker.node.makeVirtualHost()
        let result = try await body(broker.node, access)
        await broker.delete()
        return result
    } catch {
        await broker.delete()
        throw error
    }
}

extension BrokerNode {
    /// Lets a quorum queue take messages and answer nothing, while the broker goes on. It has to be led by this node.
    public func suspendLeader(of queue: String, on access: BrokerAccess) async throws {
        try await tellLeader(of: queue, on: access, "suspend")
    }

    /// Lets it go on, with all that came meanwhile.
    public func resumeLeader(of queue: String, on access: BrokerAccess) async throws {
        try await tellLeader(of: queue, on: access, "resume")
    }

    private func tellLeader(of queue: String, on access: BrokerAccess, _ what: String) async throws {
        let process = "binary_to_existing_atom(<<\"\(access.virtualHost)_\(queue)\">>, utf8)"
        try await control(["eval", "ok = sys:\(what)(\(process))."])
    }
}
