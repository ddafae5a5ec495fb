import Foundation
import LocalStack
import Testing

/// The short list of faults on the whole cluster, by the program that also makes the long runs.
@Suite("The whole stack under faults")
struct ShortRunTests {
    @Test(
        "Nothing is lost, doubled or disordered while services, brokers and databases are killed and answers get lost",
        .timeLimit(.minutes(10)))
    func shortRun() async throws {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "martlet-faults")
        let folder = try TemporaryFolder()
        let output = folder.url.appending(path: "output.txt")
        // Not a test of speed: only of whether everything recovers at all.
        let run = try await ChildProcess.start(
            .init(
                program.path,
                ["run", "--short", "--patience", "8", "--folder", folder.url.appending(path: "run").path],
                environment: ProcessInfo.processInfo.environment, log: output))
        let ending = await withTaskCancellationHandler {
            await run.waitForEnd()
        } onCancel: {
            Task { await run.kill() }
        }
        await run.kill()
        let text = try String(contentsOf: output, encoding: .utf8)
        print(text)
        #expect(ending == .exited(0), Comment(rawValue: text))
    }
}
