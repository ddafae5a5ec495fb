public import Logging
public import ServiceLifecycle
import Synchronization
import UnixSignals

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
    public var name: String { settings.service }
    /// The service's name with a random suffix: this process and no other.
    public let instance: String
    public let settings: SettingsReader
    public let logger: Logger
    public let metrics: PrometheusRegistry
    /// Where the service adds its ``ReadinessCheck``s.
    public let readiness: Readiness

    private let listening = Mutex<[String: String]>([:])

    /// A runtime without the process-wide parts (logging, metrics, signals), as tests want it; ``main(name:summary:settings:build:)``
    /// adds those.
    public init(
        settings: SettingsReader, logger: Logger, metrics: PrometheusRegistry = PrometheusRegistry(),
        readiness: Readiness = Readiness()
    ) {
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
        self.readiness = readiness
        let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        self.instance = settings.service + "-" + String(repeating: "0", count: 8 - suffix.count) + suffix
    }

    /// Names an address that the service listens on; the log line `ready` tells it.
    ///
    /// - Parameters:
    ///   - name: What is served there: `http`.
    ///   - address: `host:port`.
    public func announce(_ name: String, address: String) {
        listening.withLock { $0[name] = address }
    }

    /// The announced addresses, by what is served there.
    public var addresses: [String: String] { listening.withLock { $0 } }

    /// Builds and runs a service until it is told to stop or one of its parts fails.
    ///
    /// The parts stop in the reverse order of their start: first readiness is turned off, then come the parts from the last
    /// to the first, then health and metrics.
    ///
    /// - Parameters:
    ///   - stopsOnSignals: Whether SIGTERM and SIGINT mean to stop, beside a graceful shutdown of the caller.
    ///   - build: Makes the parts of the service in the order of their dependencies and adds its checks to ``readiness``.
    /// - Throws: What a part threw, or `build`.
    public func run(
        stopsOnSignals: Bool = false, build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service]
    ) async throws {
        let operations = OperationsServer(
            service: name, instance: instance, host: try settings.value(RuntimeSettings.operationsHost),
            port: try settings.value(RuntimeSettings.operationsPort), readiness: readiness, metrics: metrics,
            logger: logger
        ) { [self] address in
            announce("operations", address: address)
            logger.info("health, readiness and metrics are served", metadata: ["address": "\(address)"])
        }
        // Only then is it known where they are served, and ready without them is not ready.
        readiness.add("operations") { [self] in addresses["operations"] == nil ? "not listening" : nil }
        readiness.beginStarting()
        let limit = try settings.value(RuntimeSettings.shutdownLimit)
        let announcer = ReadinessAnnouncer(
            readiness: readiness, drainDelay: try settings.value(RuntimeSettings.drainDelay), logger: logger,
            addresses: { self.addresses })
        var configuration = ServiceGroupConfiguration(
            services: [operations, ServiceBody(runtime: self, shutdownLimit: limit, build: build), announcer],
            gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: quietLogger)
        configuration.maximumGracefulShutdownDuration = limit
        configuration.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// For libraries whose lines about every step help only while debugging them.
    var quietLogger: Logger {
        var logger = logger
        if logger.logLevel > .trace { logger.logLevel = max(logger.logLevel, .notice) }
        return logger
    }
}
