import Foundation
import Glibc
import LocalStack
import TestSupport
import Testing

/// A gateway with few descriptors, as somebody meets it who opens connections and says little.
@Suite("A gateway that has few descriptors", .serialized, .timeLimit(.minutes(5)))
struct DescriptorTests {
    private static let page = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    private static let readiness = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    @Test func `answers page and readiness to others while one address opens 320 connections with half a request each`()
        async throws
    {
        let gateway = try await LimitedGateway(descriptors: 300)
        defer { gateway.delete() }
        let sockets = await gateway.flood(320, from: "127.0.0.1")
        defer { sockets.close() }
        #expect(try await answer(to: Self.readiness, port: gateway.operationsPort).contains("\"ready\":false"))
        #expect(try await answer(to: Self.page, port: gateway.port, from: "127.0.0.2").hasPrefix("HTTP/1.1 200"))
        #expect(try gateway.output.contains("connections of an address are refused"))
        #expect(try gateway.openDescriptors < 250)
    }

    @Test func `answers readiness while many addresses take all connections, and the page when their time is over`()
        async throws
    {
        let gateway = try await LimitedGateway(descriptors: 300, "--http-request-timeout=3s")
        defer { gateway.delete() }
        var floods: [Sockets] = []
        defer { for flood in floods { flood.close() } }
        for address in 2..<12 { floods.append(await gateway.flood(32, from: "127.0.\(address).1")) }
        try await eventually("the gateway says that it is full") {
            try gateway.output.contains("no more connections are accepted")
        }
        #expect(try await answer(to: Self.readiness, port: gateway.operationsPort).contains("\"ready\":false"))
        let before = try gateway.processorSeconds
        try await Task.sleep(for: .seconds(1))
        #expect(try gateway.processorSeconds - before < 0.5)
        try await eventually("the page is served") {
            try await answer(to: Self.page, port: gateway.port, from: "127.0.0.2").hasPrefix("HTTP/1.1 200")
        }
    }

    @Test func `rests when it can open nothing more, says so, and goes on when it can`() async throws {
        let gateway = try await LimitedGateway(descriptors: 300)
        defer { gateway.delete() }
        // Nobody planned for this: the limit falls below what the process has counted on.
        let few = try gateway.openDescriptors + 4
        try await gateway.limit(descriptors: few)
        let sockets = await gateway.flood(32, from: "127.0.0.1")
        defer { sockets.close() }
        try await eventually("it says what is wrong") { try gateway.output.contains("no connection can be accepted") }
        let before = try gateway.processorSeconds
        try await Task.sleep(for: .seconds(4))
        let used = try gateway.processorSeconds - before
        #expect(used < 0.8, "\(used) s of processor time in 4 s")
        let lines = try gateway.output.split(separator: "\n").filter { $0.contains("no connection can be accepted") }
        #expect(lines.count <= 2)
        try await gateway.limit(descriptors: 300)
        try await eventually("the page is served") {
            try await answer(to: Self.page, port: gateway.port).hasPrefix("HTTP/1.1 200")
        }
        #expect(try await answer(to: Self.readiness, port: gateway.operationsPort).contains("\"ready\":false"))
    }

    @Test(arguments: ["gateway", "users", "messages"])
    func `raises the soft limit to the hard one`(service: String) async throws {
        let gateway = try await LimitedGateway(service: service, descriptors: 64, hard: 2_000)
        defer { gateway.delete() }
        let limits = try String(contentsOfFile: "/proc/\(gateway.pid)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(line.split(separator: " ").filter { Int($0) != nil } == ["2000", "2000"])
        #expect(try gateway.output.contains(#""descriptors":"2000""#))
        #expect(try gateway.output.contains(#""descriptors.before":"64""#))
    }
}

/// A service alone, without broker and database: pages of strangers need neither.
private struct LimitedGateway {
    let port: Int
    let operationsPort: Int
    private let process: ChildProcess
    private let folder: TemporaryFolder
    private let log: URL

    var pid: Int32 { process.pid }

    init(service: String = "gateway", descriptors: Int, hard: Int? = nil, _ flags: String...) async throws {
        folder = try TemporaryFolder()
        log = folder.url.appending(path: "output")
        port = try FreePort.find()
        operationsPort = try FreePort.find()
        process = try await ChildProcess.start(
            .init(
                Programs.ownFolder.appending(path: "martlet-\(service)").path,
                [
                    "--broker-hosts=127.0.0.1:1", "--database-hosts=127.0.0.1:1", "--log-format=json",
                    "--operations-port=\(operationsPort)",
                ] + flags,
                environment: [
                    "MARTLET_BROKER_PASSWORD": "hush", "MARTLET_HTTP_PORT": "\(port)", "MONGOC_DISABLE_SHM": "1",
                ].merging(PasswordKeys.environment) { $1 }, log: log,
                entry: ["/usr/bin/prlimit", "--nofile=\(descriptors):\(hard ?? descriptors)"]))
        let (port, operationsPort) = (port, operationsPort)
        try await eventually("it listens") {
            guard (try? await answer(to: "GET /healthz HTTP/1.0\r\n\r\n", port: operationsPort))?.isEmpty == false
            else { return false }
            guard service == "gateway" else { return true }
            return (try? await answer(to: "GET / HTTP/1.0\r\n\r\n", port: port))?.isEmpty == false
        }
    }

    var output: String { get throws { try String(contentsOf: log, encoding: .utf8) } }

    var openDescriptors: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count }
    }

    /// Processor time of all its threads so far.
    var processorSeconds: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            return (Double(fields[12])! + Double(fields[13])!) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// Changes the limit while it runs.
    func limit(descriptors: Int) async throws {
        let child = try await ChildProcess.start(
            .init("/usr/bin/prlimit", ["--pid", "\(pid)", "--nofile=\(descriptors):300"]))
        #expect(await child.waitForEnd() == .exited(0))
    }

    /// Opens connections and begins a request on each.
    func flood(_ count: Int, from address: String) async -> Sockets {
        await Sockets.open(count, port: port, from: address, saying: "GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
    }

    func delete() {
        process.signal(SIGKILL)
        folder.delete()
    }
}

/// Everything that comes back, until the server ends the connection; empty if it answers nothing for three seconds.
private func answer(to request: String, port: Int, from address: String = "127.0.0.1") async throws -> String {
    await onThread {
        guard let descriptor = Sockets.connect(port: port, from: address) else { return "" }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 3, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        Sockets.say(request, to: descriptor)
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }
}

/// Plain connections that stay open.
private struct Sockets {
    private let descriptors: [Int32]

    static func open(_ count: Int, port: Int, from address: String, saying text: String) async -> Sockets {
        await onThread {
            Sockets(
                descriptors: (0..<count).compactMap { _ in
                    guard let descriptor = connect(port: port, from: address) else { return nil }
                    say(text, to: descriptor)
                    return descriptor
                })
        }
    }

    func close() { for descriptor in descriptors { Glibc.close(descriptor) } }

    static func say(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    static func connect(port: Int, from address: String) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let bound = unsafe on(address, 0) { unsafe bind(descriptor, $0, $1) }
        let connected = unsafe on("127.0.0.1", UInt16(port)) { unsafe Glibc.connect(descriptor, $0, $1) }
        guard bound == 0, connected == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func on(
        _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe inet_pton(AF_INET, text, &address.sin_addr)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// System calls that wait, on a thread of their own.
private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
