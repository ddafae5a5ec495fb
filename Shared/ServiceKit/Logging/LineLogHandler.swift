public import Logging

/// Writes log events as lines, in one of two forms, and adds the request and trace that they belong to.
public struct LineLogHandler: LogHandler {
    public enum Form: Sendable {
        /// One JSON object a line, for programs.
        case json
        /// Columns and `key=value`, for people.
        case text
    }

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let service: String
    private let form: Form
    private let writer: LogWriter

    public init(
        label: String, service: String, form: Form, level: Logger.Level, writer: LogWriter,
        metadataProvider: Logger.MetadataProvider? = .serviceContext
    ) {
        self.label = label
        self.service = service
        self.form = form
        self.logLevel = level
        self.writer = writer
        self.metadataProvider = metadataProvider
    }

    public func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let own = event.metadata { metadata.merge(own) { $1 } }
        let line = LogLine(time: .now(), service: service, label: label, event: event, metadata: metadata)
        writer.take(line.bytes(form), isUrgent: event.level >= .warning)
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
