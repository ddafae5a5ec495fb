import Foundation
import LocalStack
import Testing

@Suite("The folder of a fault run")
struct RunFolderTests {
    @Test(
        "Nothing begins, and nothing is deleted, in a folder in which there is something",
        .timeLimit(.minutes(1)))
    func notEmpty() async throws {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "martlet-faults")
        let folder = try TemporaryFolder()
        let used = folder.url.appending(path: "used")
        try FileManager.default.createDirectory(at: used, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: used.appending(path: "notes"))
        let output = folder.url.appending(path: "output")
        let run = try await ChildProcess.start(
            .init(
                program.path, ["run", "--short", "--folder", used.path],
                environment: ProcessInfo.processInfo.environment, log: output))
        #expect(await run.waitForEnd() == .exited(64))
        #expect(try String(contentsOf: output, encoding: .utf8).contains("\(used.path) is not empty; name a new one"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: used.path) == ["notes"])
    }
}
