import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// Serves operators, on a port that users never see: `/healthz` (the process lives), `/readyz` (it can do
/// its work) and `/metrics`.
public struct OperationsServer: Service {
    let service: String
    let instance: String
    let host: String
    let port: Int
    let readiness: Readiness
    let metrics: PrometheusRegistry
    let logger: Logger
    let onListening: @Sendable (_ address: String) -> Void
    private let started = ContinuousClock.now

    /// More connections than probes and scrapers need are a mistake or an attack.
    private static let maximumConnections = 64

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - onListening: Told the address as `host:port`.
    public init(
        service: String, instance: String, host: String, port: Int, readiness: Readiness, metrics: PrometheusRegistry,
        logger: Logger, onListening: @escaping @Sendable (_ address: String) -> Void = { _ in }
    ) {
        self.service = service
        self.instance = instance
        self.host = host
        self.port = port
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
        self.onListening = onListening
    }

    public func run() async throws {
        let application = Application(
            router: router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)),
            onServerRunning: { [onListening, logger] channel in
                do {
                    try await AcceptBackOff.add(to: channel, logger: logger)
                } catch {
                    logger.error("the operations port accepts connections without back-off", error: error)
                }
                guard let address = channel.localAddress, let host = address.ipAddress, let port = address.port else {
                    return
                }
                onListening(Endpoint(host: host, port: port).settingText)
            },
            logger: quietLogger())
        try await application.run()
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.get("healthz") { [self] _, _ in
            let uptime = started.duration(to: .now).components.seconds
            return Self.json(
                .ok, Health(status: "alive", service: service, instance: instance, uptimeSeconds: uptime))
        }
        router.get("readyz") { [self] _, _ in
            let report = await readiness.report()
            return Self.json(
                report.isReady ? .ok : .serviceUnavailable,
                Answer(service: service, instance: instance, report: report))
        }
        router.get("metrics") { [metrics] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
        return router
    }

    /// Every probe would otherwise add a line or two to the debug log of the service.
    private func quietLogger() -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }

    private static func json(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(value)) ?? Data()
        return Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private struct Health: Encodable {
        let status: String
        let service: String
        let instance: String
        let uptimeSeconds: Int64
    }

    private struct Answer: Encodable {
        let ready: Bool
        let draining: Bool
        let service: String
        let instance: String
        let checks: [Check]

        init(service: String, instance: String, report: Readiness.Report) {
            self.ready = report.isReady
            self.draining = report.isDraining
            self.service = service
            self.instance = instance
            self.checks = report.conditions.map { Check(name: $0.name, ready: $0.isReady, reason: $0.reason) }
        }

        struct Check: Encodable {
            let name: String
            let ready: Bool
            let reason: String?
        }
    }
}
