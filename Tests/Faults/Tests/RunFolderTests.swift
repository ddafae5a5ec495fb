import Foundation
import LocalStack
import Testing

@Suite("The folder of a fault run")
struct RunFolderTests {
    @Test(.timeLimit(.minutes(5)))
    func `Nothing begins, and nothing is deleted, in a folder in which there is something`() async throws {
        let folder = try TemporaryFolder()
        let used = folder.url.appending(path: "used")
        try FileManager.default.createDirectory(at: used, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: used.appending(path: "notes"))
        let run = try await FaultsProgram.run(["run", "--short", "--folder", used.path])
        #expect(run.ending == .exited(64))
        #expect(run.output.contains("\(used.path) is not empty; name a new one"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: used.path) == ["notes"])
    }
}
