import JSON
import Logging

/// One line, one JSON object: `time`, `level`, `service`, `logger`, `message`, `error` where there is one, and the
/// metadata beside them.
extension LogLine {
    private static let reservedKeys: Set<String> = ["time", "level", "service", "logger", "message", "error"]

    func json() -> [UInt8] {
        var writer = JSONWriter(capacity: 256, escapes: .forPeople)
        writer.object { line in
            line.name("time")
            line.plainString { time.append(to: &$0, forPeople: false) }
            line.name("level")
            line.string(level.rawValue)
            line.name("service")
            line.string(service)
            line.name("logger")
            line.string(label)
            line.name("message")
            line.string(message)
            if let error {
                line.name("error")
                line.string(error)
            }
            for (key, value) in metadata {
                line.name(Self.reservedKeys.contains(key) ? "metadata." + key : key)
                Self.write(value, to: &line)
            }
        }
        writer.endLine()
        return writer.bytes
    }

    private static func write(_ value: LogValue, to line: inout JSONWriter) {
        switch value {
        case .text(let text): line.string(text)
        case .list(let values):
            line.array { line in
                for value in values { write(value, to: &line) }
            }
        case .fields(let fields):
            line.object { line in
                for field in fields {
                    line.name(field.key)
                    write(field.value, to: &line)
                }
            }
        }
    }
}
