import Logging

/// What one log line says, before it has a form.
struct LogLine {
    let time: LogTime
    let level: Logger.Level
    let service: String
    let label: String
    let message: String
    let error: String?
    /// Sorted by key; nothing in it is secret any more.
    let metadata: [(key: String, value: LogValue)]

    init(time: LogTime, service: String, label: String, event: LogEvent, metadata: Logger.Metadata) {
        self.time = time
        self.level = event.level
        self.service = service
        self.label = label
        self.message = LogRedaction.withoutCredentials(event.message.description)
        self.error = event.error.map { LogRedaction.withoutCredentials(String(describing: $0)) }
        self.metadata = LogValue.visible(metadata)
    }

    /// The line that replaces lines that were dropped.
    static func dropped(_ count: Int, service: String) -> LogLine {
        let event = LogEvent(
            level: .warning, message: "log lines were dropped because the reader of the log is too slow", metadata: nil,
            source: nil, file: #fileID, function: #function, line: #line)
        return LogLine(
            time: .now(), service: service, label: "log", event: event,
            metadata: ["count": .stringConvertible(count)])
    }

    func bytes(_ form: LineLogHandler.Form) -> [UInt8] {
        switch form {
        case .json: json()
        case .text: text()
        }
    }
}

/// A metadata value that may be shown.
enum LogValue {
    case text(String)
    case list([LogValue])
    case fields([(key: String, value: LogValue)])

    static func visible(_ metadata: Logger.Metadata) -> [(key: String, value: LogValue)] {
        metadata.map { key, value in
            (key, LogRedaction.hides(key: key) ? .text(LogRedaction.placeholder) : LogValue(value))
        }
        .sorted { $0.key < $1.key }
    }

    private init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(LogRedaction.withoutCredentials(text))
        case .stringConvertible(let value): self = .text(LogRedaction.withoutCredentials(value.description))
        case .array(let values): self = .list(values.map(LogValue.init))
        case .dictionary(let metadata): self = .fields(Self.visible(metadata))
        }
    }
}
