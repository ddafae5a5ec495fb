public import Logging
public import ServiceLifecycle

/// What a service is given to build itself from, and what runs it.
///
/// ```swift
/// import ServiceKit
/// import UsersService
///
/// await ServiceRuntime.main(
///     name: "users", summary: "accounts, passwords and profiles", settings: UsersSettings.all
/// ) { runtime in
///     try await buildUsersService(runtime)
/// }
/// ```
public final class ServiceRuntime: Sendable {
    /// The service's name, such as `users`.
    public let name: String
    /// The service's name with a random suffix: this process and no other.
    public let instance: String
    public let settings: SettingsReader
    public let logger: Logger
    public let metrics: PrometheusRegistry
    public let readiness: Readiness

    /// A runtime without the process-wide parts, for tests that build a service.
    public init(settings: SettingsReader, logger: Logger) {
        fatalError("not written")
    }

    /// Names an address that the service listens on; the log line `ready` tells it.
    ///
    /// - Parameter name: What is served there: `http`.
    public func announce(_ name: String, address: String) {
        fatalError("not written")
    }

    /// Runs a service until it is told to stop or one of its parts fails, then ends the process.
    ///
    /// - Parameters:
    ///   - build: Makes the parts of the service in the order of their dependencies; they stop in the reverse order.
    ///     Adds its checks to ``readiness``.
    public static func main(
        name: String, summary: String, settings: [any DeclaredSetting],
        build: @Sendable (ServiceRuntime) async throws -> [any Service]
    ) async -> Never {
        fatalError("not written")
    }
}
