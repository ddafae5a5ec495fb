public import ServiceLifecycle

/// Keeps what other services use until they have stopped, such as the connections with a database.
///
/// Services stop in the reverse order of their list, so it comes before everything that uses the resource.
public struct ResourceLifetime: Service {
    private let prepare: (@Sendable () async throws -> Void)?
    private let end: @Sendable () async -> Void

    /// - Parameters:
    ///   - prepare: runs once beside the other services, and is cancelled by a graceful shutdown. What it throws ends the
    ///     service.
    ///   - end: frees the resource. Called once, after a graceful shutdown or cancellation.
    public init(prepare: (@Sendable () async throws -> Void)? = nil, end: @escaping @Sendable () async -> Void) {
        self.prepare = prepare
        self.end = end
    }

    public func run() async throws {
        if let prepare { try await cancelWhenGracefulShutdown { try await prepare() } }
        // Being cancelled is the other way to be told to stop.
        try? await gracefulShutdown()
        await end()
    }
}
