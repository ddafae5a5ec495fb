import Foundation
import LocalStack

/// The program `martlet-faults` of this build, as a child process.
enum FaultsProgram {
    /// Starts it with this process's environment; what it prints goes into the log.
    static func start(_ arguments: [String], log: URL) async throws -> ChildProcess {
        try await ChildProcess.start(
            .init(
                Programs.ownFolder.appending(path: "martlet-faults").path, arguments,
                environment: ProcessInfo.processInfo.environment, log: log))
    }

    /// Runs it to its end, or until the task is cancelled, and answers how it ended and what it printed.
    static func run(_ arguments: [String]) async throws -> (ending: ChildProcess.Ending?, output: String) {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "output.txt")
        let child = try await start(arguments, log: log)
        let ending = await withTaskCancellationHandler {
            await child.waitForEnd()
        } onCancel: {
            Task { await child.kill() }
        }
        await child.kill()
        return (ending, try String(contentsOf: log, encoding: .utf8))
    }
}
