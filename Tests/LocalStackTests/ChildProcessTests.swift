import Foundation
import LocalStack
import Testing

@Suite("A child process", .timeLimit(.minutes(5)))
struct ChildProcessTests {
    @Test func `reports its exit status and its output`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "log")
        let child = try await ChildProcess.start(
            .init(
                "/bin/sh", ["-c", "pwd; echo $NAME; exit 3"], environment: ["NAME": "value"], folder: folder.url,
                log: log))
        #expect(await child.waitForEnd() == .exited(3))
        #expect(try String(contentsOf: log, encoding: .utf8) == "\(folder.url.path)\nvalue\n")
        #expect(!child.signal(SIGTERM))
    }

    @Test func `is killed when it does not heed the request to stop`() async throws {
        let child = try await ChildProcess.start(
            .init("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"], environment: ["PATH": "/bin"]))
        try await Task.sleep(for: .milliseconds(200))
        #expect(await child.stop(within: .milliseconds(200)) == .signalled(SIGKILL))
    }

    @Test func `that is waited for by a cancelled task lets go of it`() async throws {
        let child = try await ChildProcess.start(.init("/bin/sleep", ["60"]))
        let waiting = Task { await child.waitForEnd() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        #expect(child.isRunning)
        #expect(await child.kill() == .signalled(SIGKILL))
    }

    @Test func `that cannot be executed is an error at once`() async throws {
        await #expect(throws: LocalStackError.self) {
            try await ChildProcess.start(.init("/nowhere/program"))
        }
    }

    @Test func `dies with its parent, however the parent dies`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let log = folder.url.appending(path: "pid")
        // The parent is a shell that starts a child in the same way and tells its pid.
        let parent = try await ChildProcess.start(
            .init(
                "/bin/sh", ["-c", "setpriv --pdeathsig KILL -- sleep 60 & echo $!; wait"],
                environment: ["PATH": "/usr/bin:/bin"], log: log))
        var pid: Int32?
        for _ in 0..<500 where pid == nil {
            try await Task.sleep(for: .milliseconds(10))
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            if let number = Int32(text.trimmingCharacters(in: .newlines)), hasName("sleep", number) { pid = number }
        }
        let child = try #require(pid)
        await parent.kill()
        for _ in 0..<500 where hasName("sleep", child) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!hasName("sleep", child))
    }

    private func hasName(_ name: String, _ pid: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) == "\(name)\n"
    }
}
