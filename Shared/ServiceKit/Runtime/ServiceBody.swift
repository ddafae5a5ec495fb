import Logging
import ServiceLifecycle

/// The service itself: builds its parts, then runs them until they are told to stop or one of them fails.
///
/// Building happens here and not before everything else, so that `/healthz` responds and signals work meanwhile.
struct ServiceBody: Service {
    let runtime: ServiceRuntime
    let shutdownLimit: Duration
    let build: @Sendable (ServiceRuntime) async throws -> [any Service]

    func run() async throws {
        let parts: [any Service]
        do {
            parts = try await cancelWhenGracefulShutdown { try await build(runtime) }
        } catch is CancellationError {
            return
        }
        runtime.readiness.endStarting()
        guard !parts.isEmpty else {
            try await gracefulShutdown()
            return
        }
        var configuration = ServiceGroupConfiguration(
            services: parts.map {
                // When one part fails, the others still finish what they have begun.
                .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            logger: runtime.quietLogger)
        configuration.maximumGracefulShutdownDuration = shutdownLimit
        try await ServiceGroup(configuration: configuration).run()
    }
}
