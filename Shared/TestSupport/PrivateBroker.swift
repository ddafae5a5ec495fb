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
