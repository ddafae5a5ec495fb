public import BrokerAdministration
public import LocalStack

/// The RabbitMQ node that all tests of this process share. It starts when the first test asks for it.
///
/// Never stop or pause it; a test that does so takes a ``PrivateBroker``.
public enum SharedBroker {
    private static let shared = Once { try await PrivateBroker.start().node }

    /// The running node.
    public static func node() async throws -> BrokerNode { try await shared.value() }
}

/// How a test reaches its own virtual host.
public struct BrokerAccess: Sendable {
    public var host: String
    public var port: Int
    /// AMQP over TLS; nil unless the node was started with certificates.
    public var tlsPort: Int?
    public var virtualHost: String
    public var username: String
    public var password: String
    /// The management API of the node, as its administrator.
    public var administration: BrokerAdministration

    /// Makes a further user with these permissions in this virtual host, and returns the access with it.
    /// The name is unique; the user goes with the node.
    public func addingUser(
        _ prefix: String = "user", permissions: BrokerPermissions
    ) async throws -> BrokerAccess {
        var access = self
        access.username = Unique.name(prefix)
        access.password = RandomName.make(length: 24)
        try await administration.setUser(.init(username: access.username, password: access.password))
        try await administration.setPermissions(permissions, of: access.username, in: virtualHost)
        return access
    }
}

extension BrokerNode {
    /// Makes a virtual host and a user with all rights in it.
    public nonisolated func makeVirtualHost() async throws -> BrokerAccess {
        let name = Unique.name("test")
        let access = BrokerAccess(
            host: "127.0.0.1", port: port, tlsPort: tlsPort, virtualHost: name, username: name,
            password: RandomName.make(length: 24), administration: administration)
        try await administration.createVirtualHost(name)
        try await administration.setUser(.init(username: name, password: access.password))
        try await administration.setPermissions(.all, of: name, in: name)
        return access
    }

    /// Makes a virtual host and a user with all rights in it, runs the body, and deletes both, also when it throws.
    public nonisolated func withVirtualHost<Result>(
        _ body: (BrokerAccess) async throws -> Result
    ) async throws -> Result {
        let access = try await makeVirtualHost()
        func delete() async {
            // Untied from the test's task: a cancelled test cleans up too.
            await Task {
                try? await access.administration.deleteVirtualHost(access.virtualHost)
                try? await access.administration.deleteUser(access.username)
            }.value
        }
        do {
            let result = try await body(access)
            await delete()
            return result
        } catch {
            await delete()
            throw error
        }
    }
}

/// Runs the body with a virtual host of its own on the ``SharedBroker``.
public func withVirtualHost<Result>(_ body: (BrokerAccess) async throws -> Result) async throws -> Result {
    try await SharedBroker.node().withVirtualHost(body)
}
