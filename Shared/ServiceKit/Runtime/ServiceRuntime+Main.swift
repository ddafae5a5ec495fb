import Foundation
import Glibc
import Logging
import MartletVersion
import Metrics
public import ServiceLifecycle
import Tracing

extension ServiceRuntime {
    /// Runs a service as the whole of this process: reads its settings, sets up logs, metrics and tracing, runs until
    /// SIGTERM or SIGINT, and ends the process.
    ///
    /// The exit code is 0 after an orderly stop, 64 for a wrong command line, 78 for wrong settings and 1 for everything
    /// else that went wrong.
    ///
    /// - Parameters:
    ///   - name: Also the last part of the executable's name.
    ///   - summary: Half a sentence for `--help`.
    ///   - settings: What the service declares; the settings of every service are added.
    ///   - build: Makes the parts of the service in the order of their dependencies and adds its checks to ``readiness``.
    public static func main(
        name: String, summary: String, settings: [any DeclaredSetting],
        build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service]
    ) async -> Never {
        // A peer that hangs up is an error of one write, never the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let launch = ServiceLaunch(
            name: name, summary: summary, settings: settings, arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment)
        switch launch.prepare() {
        case .printed(let text):
            print(text, terminator: "")
            exit(ExitCode.success.rawValue)
        case .refused(let code, let problems):
            for problem in problems { Self.complain("martlet-\(name): \(problem)") }
            exit(code.rawValue)
        case .ready(let settings, let logging):
            let writer = LogWriter(fileDescriptor: logging.fileDescriptor, service: name, form: logging.form)
            LoggingSystem.bootstrap(
                { label, provider in
                    LineLogHandler(
                        label: label, service: name, form: logging.form, level: logging.level, writer: writer,
                        metadataProvider: provider)
                }, metadataProvider: .serviceContext)
            let metrics = PrometheusRegistry()
            metrics.collect(ProcessMetrics.samples)
            metrics.collect { [PrometheusSample("log_lines_dropped_total", .counter, Double(writer.droppedLines))] }
            MetricsSystem.bootstrap(metrics)
            // The value says nothing; monitoring reads the label.
            Gauge(label: "martlet_build_info", dimensions: [("version", martletVersion)]).record(1)
            InstrumentationSystem.bootstrap(TracePropagation())

            let formerLimit = DescriptorLimit.raise()
            let logger = Logger(label: name)
            let runtime = ServiceRuntime(settings: settings, logger: logger, metrics: metrics)
            logger.info(
                "starting",
                metadata: [
                    "instance": "\(runtime.instance)", "process.id": "\(getpid())", "version": "\(martletVersion)",
                    "descriptors": "\(DescriptorLimit.current)", "descriptors.before": "\(formerLimit)",
                ])
            if let warning = BuildVariant.warning { logger.critical("\(warning)") }
            if !settings.unknownVariables.isEmpty {
                // Services often share an environment, so this is no mistake by itself; but it may be one.
                logger.info(
                    "environment variables that are not settings of this service",
                    metadata: ["names": "\(settings.unknownVariables.joined(separator: " "))"])
            }
            let code = await runtime.runToTheEnd(stopsOnSignals: true, build: build)
            writer.flush()
            exit(code.rawValue)
        }
    }

    /// Runs the service and turns how it ended into a log line and an exit code.
    func runToTheEnd(
        stopsOnSignals: Bool, build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service]
    ) async -> ExitCode {
        do {
            try await run(stopsOnSignals: stopsOnSignals, build: build)
            let limit = try settings.value(RuntimeSettings.shutdownLimit)
            // Parts often take their cancellation for an orderly end, so only the time tells.
            if let since = readiness.drainingSince, since.duration(to: .now) >= limit { throw CancellationError() }
            logger.notice("stopped")
            return .success
        } catch let error as SettingsError {
            for problem in error.problems { logger.critical("wrong setting", metadata: ["problem": "\(problem)"]) }
            return .configuration
        } catch is CancellationError where readiness.isDraining {
            logger.warning("stopped before all work was finished: it took longer than shutdown.limit")
            return .failure
        } catch {
            logger.critical("stopped by an error", error: error)
            return .failure
        }
    }

    private static func complain(_ line: String) {
        let text = line.replacing("\n", with: " ") + "\n"
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

/// How a service's process ends, in the numbers of `sysexits.h` where it has one.
enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    case configuration = 78
}
