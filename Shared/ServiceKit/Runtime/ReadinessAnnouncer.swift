import Logging
import ServiceLifecycle

/// Says in the log when the service is ready for the first time, when it stops being so and when it is again; and, as the
/// first part to be told to stop, turns readiness off before anything else stops.
struct ReadinessAnnouncer: Service {
    let readiness: Readiness
    let drainDelay: Duration
    let logger: Logger
    /// Where the service listens, by what is served there.
    let addresses: @Sendable () -> [String: String]
    var startingInterval: Duration = .milliseconds(50)
    var watchInterval: Duration = .seconds(5)
    /// While it is not ready, the reasons are repeated this often.
    private let reminder: Duration = .seconds(15)

    func run() async throws {
        await withGracefulShutdownHandler {
            // Ends by the cancellation that a shutdown means, or by the one of the whole service.
            try? await cancelWhenGracefulShutdown { try await watch() }
        } onGracefulShutdown: {
            readiness.beginDraining()
        }
        readiness.beginDraining()
        logger.notice("stopping")
        if drainDelay > .zero, !Task.isCancelled { try await Task.sleep(for: drainDelay) }
    }

    private func watch() async throws {
        let started = ContinuousClock.now
        var lastSaid = started
        var wasReady: Bool?
        while true {
            let report = await readiness.report()
            try Task.checkCancellation()
            if report.isReady, wasReady != true {
                var metadata: Logger.Metadata = [:]
                for (name, address) in addresses() { metadata["address.\(name)"] = .string(address) }
                if wasReady == nil {
                    metadata["start.seconds"] = .stringConvertible(started.duration(to: .now).inSeconds)
                    logger.notice("ready", metadata: metadata)
                } else {
                    logger.notice("ready again", metadata: metadata)
                }
                wasReady = true
            } else if !report.isReady, wasReady == true || lastSaid.duration(to: .now) >= reminder {
                logger.warning("not ready", metadata: Self.reasons(of: report))
                lastSaid = .now
                // Before the first time it stays "not yet", so that "ready" is announced in full.
                if wasReady == true { wasReady = false }
            }
            try await Task.sleep(
                for: wasReady == true
                    ? watchInterval : min(watchInterval, max(startingInterval, started.duration(to: .now) / 10)))
        }
    }

    private static func reasons(of report: Readiness.Report) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for condition in report.conditions {
            if let reason = condition.reason { metadata["check.\(condition.name)"] = .string(reason) }
        }
        return metadata
    }
}
