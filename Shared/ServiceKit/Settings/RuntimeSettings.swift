import Logging

/// The settings that every service has.
public enum RuntimeSettings {
    static let configurationFile = Setting<String?>.optional(
        "config.file", "JSON file with settings, such as {\"log\": {\"level\": \"debug\"}}")
    static let logLevel = Setting("log.level", "The least important log lines that are written", default: LogLevel.info)
    static let logFormat = Setting(
        "log.format", "Log lines as JSON for programs or as text for people", default: LogFormat.json)
    static let logOutput = Setting("log.output", "Where log lines go", default: LogDestination.stderr)
    static let operationsHost = Setting(
        "operations.host", "Address for health, readiness and metrics; keep it internal", default: "127.0.0.1")
    static let operationsPort = Setting(
        "operations.port", "Port for health, readiness and metrics; 0 takes a free one and logs it", default: 0,
        in: 0...65_535)
    static let drainDelay = Setting<Duration>(
        "shutdown.drainDelay", "Time between reporting not ready and beginning to stop, for load balancers to notice",
        default: .zero, in: .zero...(.seconds(60)))
    static let shutdownLimit = Setting<Duration>(
        "shutdown.limit", "Time that work in progress has to finish after SIGTERM, then it is cancelled",
        default: .seconds(20), in: .seconds(1)...(.seconds(600)))

    /// The declarations; the runtime adds them to the ones of the service.
    public static let all: [any DeclaredSetting] = [
        configurationFile, logLevel, logFormat, logOutput, operationsHost, operationsPort, drainDelay, shutdownLimit,
    ]
}

/// The levels of logging, by the names that settings use.
enum LogLevel: String, CaseIterable, SettingValue {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

enum LogFormat: String, CaseIterable, SettingValue {
    case json, text
}

enum LogDestination: String, CaseIterable, SettingValue {
    case stderr, stdout
}
