import ArgumentParser
import Foundation
import LocalStack
import Testing

@testable import StackCommand

/// What a start says when it is impossible. That it works when it is possible is what the end-to-end tests show.
@Suite("The stack without containers")
struct StackTests {
    @Test func `refuses a taken port in one line that says what to do`() async throws {
        let folders = try Folders()
        defer { folders.delete() }
        let (listener, port) = try listen()
        defer { close(listener) }
        var options = folders.options
        options.port = port
        let error = #expect(throws: StackError.self) { try Stack(options) }
        #expect(error?.message.contains("port \(port) is taken") == true)
        #expect(error?.message.contains("PORT=") == true)
        #expect(error?.message.contains("\n") == false)
    }

    @Test func `says which executable is missing and how to make it`() throws {
        let folders = try Folders(programs: ["martlet-users"])
        defer { folders.delete() }
        let error = #expect(throws: StackError.self) { try Stack(folders.options) }
        #expect(error?.message.contains("martlet-messages is missing") == true)
        #expect(error?.message.contains("make build") == true)
    }

    @Test(.timeLimit(.minutes(5)))
    func `refuses to run twice in one folder`() async throws {
        let folders = try Folders()
        defer { folders.delete() }
        // The lock is the process's, so another process has to hold it.
        let lock = folders.options.folder.appending(path: "lock").path
        try FileManager.default.createDirectory(at: folders.options.folder, withIntermediateDirectories: true)
        let script = """
            import fcntl, sys, time
            file = open(sys.argv[1], "w")
            fcntl.lockf(file, fcntl.LOCK_EX)
            file.write("4711"); file.flush()
            time.sleep(60)
            """
        let holder = try await ChildProcess.start(
            .init("/usr/bin/python3", ["-c", script, lock], environment: ["PATH": "/usr/bin:/bin"]))
        while (try? String(contentsOfFile: lock, encoding: .utf8)) != "4711" {
            try #require(holder.isRunning)
            try await Task.sleep(for: .milliseconds(10))
        }
        let error = #expect(throws: StackError.self) { try Stack(folders.options) }
        #expect(error?.message.contains("already runs") == true)
        #expect(error?.message.contains("4711") == true)
        #expect(error?.message.contains("\n") == false)
        await holder.kill()
        _ = try Stack(folders.options)
    }

    @Test func `keeps the port of its database, because the replica set's own configuration names it`() throws {
        let folders = try Folders()
        defer { folders.delete() }
        let first = try Stack(folders.options).database.nodes[0].port
        #expect(try Stack(folders.options).database.nodes[0].port == first)
    }

    @Test(arguments: ["0.1", "-1", "much"])
    func `refuses a cache that the database would refuse`(size: String) {
        let error = #expect(throws: (any Error).self) {
            try StackCommand.Run.parse(["--database-cache", size])
        }
        #expect(error.map { StackCommand.Run.message(for: $0).contains("--database-cache") } == true)
    }

    @Test func `gives the database as much as it needs at least, and not more than a quarter of the memory`() {
        let size = Stack.Options.generousDatabaseCacheSize
        #expect(size >= 0.25)
        #expect(size == 0.25 || size <= Double(ProcessInfo.processInfo.physicalMemory) / 4 / 1_073_741_824)
    }

    @Test func `gives every gateway a port of its own, in a row from the chosen one`() throws {
        let folders = try Folders()
        defer { folders.delete() }
        var options = folders.options
        options.gateways = 3
        let port = try FreePort.find()
        options.port = port
        let addresses = try Stack(options).gateways.map(\.address)
        #expect(addresses == (port..<port + 3).map { "http://127.0.0.1:\($0)" })
    }

    @Test func `waits longer after each failure, up to ten seconds`() {
        var pauses = BackOff()
        let first = (0..<8).map { _ in pauses.next() }
        #expect(first.prefix(3) == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(zip(first, first.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(first.last == .seconds(10))
        #expect(first[0].inSeconds == "0.2 s")
    }

    @Test(.timeLimit(.minutes(5)))
    func `starts a part again when it ends, and tells of both`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let part = SupervisedPart(
            name: "part", start: {},
            waitForEnd: {
                for await _ in ends { return .signalled(9) }
                return nil
            })
        let supervision = Task { await part.supervise(report: { line.yield($0) }, afterStart: {}) }
        end.yield()
        var heard: [String] = []
        for await text in lines {
            heard.append(text)
            if heard.count == 2 { break }
        }
        supervision.cancel()
        await supervision.value
        #expect(heard == ["part ended with signal 9; starting it again in 0.2 s", "part runs again"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `rotates the logs of its services, and appends nothing to a full one`() async throws {
        let folders = try Folders()
        defer { folders.delete() }
        let script = "#!/bin/sh\nseq 1 20000\n"
        let program = folders.options.executables.appending(path: "martlet-users")
        try script.write(to: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        var options = folders.options
        options.logRotation = LogRotation(size: 10_000, kept: 3)
        let service = try Stack(options).users[0]
        try await service.start()
        _ = await service.waitForEnd()
        let logs = service.log.deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: logs.path).sorted()
        #expect(names == ["users.log", "users.log.1", "users.log.2", "users.log.3"])
        for name in names {
            #expect(try Data(contentsOf: logs.appending(path: name)).count <= 10_000 + 32, "\(name)")
        }
        #expect(try String(contentsOf: service.log, encoding: .utf8).hasSuffix("\n20000\n"))
    }

    @Test func `keeps the logs of a run within 64 MiB each`() {
        #expect(LogRotation.usual.size * (LogRotation.usual.kept + 1) == 64 << 20)
    }

    @Test func `has no container in compose whose log grows without end`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let compose = try String(contentsOf: root.appending(path: "compose/compose.yaml"), encoding: .utf8)
        let services = compose.components(separatedBy: "\nservices:\n")[1].components(separatedBy: "\nvolumes:\n")[0]
        let blocks = "\n\(services)".split(separator: /\n  (?=[a-z]+:\n)/)
        #expect(blocks.count >= 7)
        for block in blocks where block.contains("image:") || block.contains("<<:") {
            let isBounded = ["logging: *logging", "<<: *martlet", "<<: *service"].contains { block.contains($0) }
            #expect(isBounded, "\(block.prefix(40))")
        }
    }

    /// A folder for the stack and one with programs that do nothing.
    private struct Folders {
        let temporary: TemporaryFolder
        let options: Stack.Options

        init(programs: [String] = ["martlet-users", "martlet-messages", "martlet-gateway"]) throws {
            temporary = try TemporaryFolder()
            let bin = temporary.url.appending(path: "bin")
            try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
            for name in programs {
                _ = FileManager.default.createFile(
                    atPath: bin.appending(path: name).path, contents: nil, attributes: [.posixPermissions: 0o755])
            }
            options = Stack.Options(folder: temporary.url.appending(path: "stack"), executables: bin)
        }

        func delete() { temporary.delete() }
    }

    private func listen() throws -> (descriptor: Int32, port: Int) {
        let port = try FreePort.find()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0)
        try #require(Foundation.listen(descriptor, 1) == 0)
        return (descriptor, port)
    }
}
