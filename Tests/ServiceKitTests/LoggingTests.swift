import Foundation
import Logging
import Synchronization
import Testing
import Tracing

@testable import ServiceKit

/// Keeps what a writer writes.
private final class Recorder: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func writer(capacity: Int = 1 << 20) -> LogWriter {
        LogWriter(capacity: capacity, notice: { Array("dropped \($0)\n".utf8) }) { [self] written in
            bytes.withLock { $0 += written }
        }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

private func lines(_ form: LineLogHandler.Form, level: Logger.Level = .trace, _ body: (Logger) throws -> Void) rethrows
    -> [String]
{
    let recorder = Recorder()
    let writer = recorder.writer()
    let logger = Logger(label: "test.label") { label in
        LineLogHandler(label: label, service: "sample", form: form, level: level, writer: writer)
    }
    try body(logger)
    writer.flush()
    return recorder.text.split(separator: "\n").map(String.init)
}

private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}

private struct Broken: Error, CustomStringConvertible {
    let description: String
}

@Suite("Log lines")
struct LoggingTests {
    @Test func `A JSON line has time, level, service, logger, message and the metadata`() throws {
        let lines = lines(.json) {
            $0.warning(
                "something happened",
                metadata: ["count": "3", "list": ["a", "b"], "map": ["k": "v"], "level": "shadow"])
        }
        let line = try object(try #require(lines.first))
        #expect(lines.count == 1)
        #expect(line["level"] as? String == "warning")
        #expect(line["service"] as? String == "sample")
        #expect(line["logger"] as? String == "test.label")
        #expect(line["message"] as? String == "something happened")
        #expect(line["count"] as? String == "3")
        #expect(line["list"] as? [String] == ["a", "b"])
        #expect(line["map"] as? [String: String] == ["k": "v"])
        #expect(line["metadata.level"] as? String == "shadow")
        let time = try #require(line["time"] as? String)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(abs(try style.parse(time).timeIntervalSinceNow) < 60)
    }

    @Test(arguments: [
        "a\r\nb", "tab\tquote\"back\\slash", "\u{0}\u{1b}[31m", "Grüße 🐦 \u{2028}", "{\"level\":\"info\"}",
    ])
    func `Line breaks, quotes, control characters and other scripts survive as one line`(text: String) throws {
        let lines = lines(.json) { $0.info("\(text)", metadata: ["value": "\(text)", "\(text)": "key"]) }
        #expect(lines.count == 1)
        let line = try object(try #require(lines.first))
        #expect(line["message"] as? String == text)
        #expect(line["value"] as? String == text)
        #expect(line[text] as? String == "key")
    }

    @Test func `A line for people stays one line whatever is in it`() throws {
        let lines = lines(.text) {
            $0.error(
                "first\nsecond", error: Broken(description: "x\r\ny"),
                metadata: ["k": "v\n2026 FAKE", "e": "\u{1b}[2J"])
        }
        #expect(lines.count == 1)
        #expect(lines[0].contains(#"first\nsecond"#))
        #expect(lines[0].contains(#"k="v\n2026 FAKE""#))
        #expect(lines[0].contains(#"e=\u{1b}[2J"#))
        #expect(lines[0].hasSuffix(#"error=x\r\ny"#))
    }

    @Test func `A line for people has its parts in columns`() throws {
        let lines = lines(.text) { $0.info("ready", metadata: ["b": "two words", "a": "1"]) }
        let line = try #require(lines.first)
        let shape = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO     sample   ready {35} a=1 b="two words"/
        #expect(line.wholeMatch(of: shape) != nil, "\(line)")
    }

    @Test(arguments: [
        "password", "db.password", "sessionToken", "Set-Cookie", "authorization", "API_KEY", "client-secret",
        "body",
        "message.text",
    ])
    func `Secrets are hidden by the names of their keys, at any depth`(key: String) throws {
        for form in [LineLogHandler.Form.json, .text] {
            let lines = lines(form) {
                var logger = $0
                logger[metadataKey: key] = "hush1"
                logger.info("x", metadata: ["outer": [key: "hush2"], "list": [[key: ["hush3"]]]])
            }
            let line = try #require(lines.first)
            #expect(!line.contains("hush"), "\(line)")
            #expect(line.contains("[redacted]"))
        }
    }

    @Test(arguments: ["count", "context", "queue", "user.id", "body.bytes", "textual"])
    func `Harmless keys are shown`(key: String) throws {
        #expect(lines(.json) { $0.info("x", metadata: [key: "shown"]) }[0].contains("shown"))
    }

    @Test func `Credentials inside addresses are hidden wherever they stand`() throws {
        let line = try #require(
            lines(.json) {
                $0.error(
                    "cannot reach amqp://me:hush@host/v", error: Broken(description: "mongodb://u:hush@a,b/?x=1"),
                    metadata: ["uri": "see https://ok.example/?q=a@b and http://hush@h"])
            }.first)
        #expect(!line.contains("hush"))
        #expect(line.contains("amqp://[redacted]@host/v"))
        #expect(line.contains("https://ok.example/?q=a@b"))
    }

    @Test func `Lines carry the request and trace of the task that writes them`() async throws {
        let recorder = Recorder()
        let writer = recorder.writer()
        let logger = Logger(label: "t") {
            LineLogHandler(label: $0, service: "s", form: .json, level: .info, writer: writer)
        }
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        await withTrace(requestID: "r-1", traceparent: parent) { logger.info("inside") }
        logger.info("outside")
        writer.flush()
        let lines = try recorder.text.split(separator: "\n").map { try object(String($0)) }
        #expect(lines[0]["request.id"] as? String == "r-1")
        #expect(lines[0]["trace.id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect((lines[0]["span.id"] as? String)?.count == 16)
        #expect(lines[0]["span.id"] as? String != "b7ad6b7169203331")
        #expect(lines[1]["request.id"] == nil)
    }

    @Test func `Levels below the chosen one are not written`() {
        let lines = lines(.json, level: .warning) {
            $0.info("no")
            $0.warning("yes")
        }
        #expect(lines.count == 1)
    }

    @Test func `When nobody reads the log, lines are dropped, counted and told, and nobody waits`() throws {
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex<[String]>([])
        let writer = LogWriter(capacity: 1_000, notice: { LogLine.dropped($0, service: "sample").json() }) { bytes in
            if written.withLock({ $0.isEmpty }) { gate.wait() }
            written.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        for _ in 0..<100 { writer.take(line) }
        gate.signal()
        writer.flush()
        let count = written.withLock { $0.joined().split(separator: "\n").filter { $0.hasPrefix("xx") }.count }
        #expect((10...20).contains(count))
        #expect(writer.droppedLines == 100 - count)
        // One notice, or two if the writer woke up before the last line came.
        let told = written.withLock { $0.joined() }.matches(of: /"count":"(\d+)"/).compactMap { Int($0.output.1) }
        #expect((1...2).contains(told.count) && told.reduce(0, +) == 100 - count)
    }

    @Test func `Lines keep their order and are never torn when many tasks write`() async {
        let recorder = Recorder()
        let writer = recorder.writer(capacity: 1 << 24)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<500 { writer.take(Array("\(task) \(number) end\n".utf8)) } }
            }
        }
        writer.flush()
        var next = Array(repeating: 0, count: 8)
        for line in recorder.text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            #expect(parts.count == 3 && parts[2] == "end")
            guard let task = Int(parts[0]), let number = Int(parts[1]) else { continue }
            #expect(next[task] == number)
            next[task] = number + 1
        }
        #expect(next == Array(repeating: 500, count: 8))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (951_782_400, "2000-02-29T00:00:00.000000Z"),
        (1_795_435_445, "2026-11-23T12:04:05.000000Z"), (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.000000Z"),
    ])
    func `The calendar is right for leap days, centuries and the time before 1970`(seconds: Int64, expected: String) {
        var line: [UInt8] = []
        LogTime(microseconds: seconds * 1_000_000).append(to: &line, forPeople: false)
        #expect(String(decoding: line, as: UTF8.self) == expected)
    }
}
