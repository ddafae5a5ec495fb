import Foundation
import TestSupport
import Testing

@testable import LocalStack

/// Logs that do not grow without end.
@Suite("The log of a child", .timeLimit(.minutes(5)))
struct LogRotationTests {
    /// The kept logs of a folder, the oldest first, joined.
    private func everything(of log: URL, kept: Int) -> [String] {
        let urls = (1...kept).reversed().map { URL(filePath: "\(log.path).\($0)") } + [log]
        let text = urls.map { (try? String(contentsOf: $0, encoding: .utf8)) ?? "" }.joined()
        return text.split(separator: "\n").map(String.init)
    }

    @Test func `is put aside when it is full, and no line is lost or cut in two`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "part.log")
        // As much as the logs can hold, in pieces that end anywhere.
        let script = "i=0; while [ $i -lt 900 ]; do printf 'line %d of a log\\nand ' $i; echo part; i=$((i+1)); done"
        let child = try await ChildProcess.start(
            .init(
                "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], log: log,
                rotation: LogRotation(size: 8_192, kept: 9)))
        #expect(await child.waitForEnd() == .exited(0))
        let lines = everything(of: log, kept: 9)
        #expect(lines == (0..<900).flatMap { ["line \($0) of a log", "and part"] })
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
            let data = try Data(contentsOf: folder.url.appending(path: name))
            #expect(data.count <= 8_192 + 32, "\(name)")
            #expect(data.last == UInt8(ascii: "\n"), "\(name)")
        }
    }

    @Test func `has a bound, and keeps what was written last`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "part.log")
        let child = try await ChildProcess.start(
            .init(
                "/bin/sh", ["-c", "seq 1 100000"], environment: ["PATH": "/usr/bin:/bin"], log: log,
                rotation: LogRotation(size: 4_096, kept: 3)))
        #expect(await child.waitForEnd() == .exited(0))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        #expect(names == ["part.log", "part.log.1", "part.log.2", "part.log.3"])
        let lines = everything(of: log, kept: 3)
        #expect(lines.last == "100000")
        #expect(lines.count > 1_500)
        #expect(lines == ((100_001 - lines.count)...100_000).map(String.init))
    }

    @Test func `goes on where an earlier run left it`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "part.log")
        for run in 1...4 {
            let child = try await ChildProcess.start(
                .init(
                    "/bin/sh", ["-c", "echo run \(run)"], environment: ["PATH": "/usr/bin:/bin"], log: log,
                    rotation: LogRotation(size: 14, kept: 1)))
            #expect(await child.waitForEnd() == .exited(0))
        }
        #expect(everything(of: log, kept: 1) == (1...4).map { "run \($0)" })
    }

    @Test func `keeps nobody waiting when it cannot be written, and says how much is missing`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let logs = folder.url.appending(path: "logs")
        var file = RotatingFile(logs.appending(path: "part.log"), rotation: LogRotation(size: 100, kept: 1))
        file.write(Array("nobody reads this\n".utf8)[...])
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        file.write(Array("but this\n".utf8)[...])
        let text = try String(contentsOf: logs.appending(path: "part.log"), encoding: .utf8)
        #expect(text == "18 bytes of this log were lost: it could not be written\nbut this\n")
    }

    @Test func `is cut only where one line is longer than the whole log`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "part.log")
        var file = RotatingFile(log, rotation: LogRotation(size: 100, kept: 3))
        file.write(Array("short\n".utf8)[...])
        file.write(Array((String(repeating: "x", count: 450) + "\nend\n").utf8)[...])
        let lines = everything(of: log, kept: 3)
        #expect(lines.first == "short")
        #expect(lines.last == "end")
        #expect(lines.joined().filter { $0 == "x" }.count == 450)
    }
}
