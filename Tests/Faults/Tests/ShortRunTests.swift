import Foundation
import LocalStack
import Testing

/// The short list of faults on the whole cluster, by the program that also makes the long runs.
@Suite("The whole stack under faults")
struct ShortRunTests {
    @Test(.timeLimit(.minutes(10)))
    func
        `Nothing is lost, doubled or disordered while services, brokers and databases are killed and answers get lost`()
        async throws
    {
        let folder = try TemporaryFolder()
        // Not a test of speed: only of whether everything recovers at all.
        let run = try await FaultsProgram.run([
            "run", "--short", "--patience", "8", "--folder", folder.url.appending(path: "run").path,
        ])
        print(run.output)
        #expect(run.ending == .exited(0), Comment(rawValue: run.output))
    }
}
