import Foundation
import LocalStack
import Testing

@testable import FaultCluster

@Suite("Cluster")
struct ClusterTests {
    @Test(.timeLimit(.minutes(5)))
    func `Metrics are read with their labels, each and together`() {
        let values = PrometheusText.values(
            """
            # TYPE sent_total counter
            sent_total{kind="command",outcome="unknown"} 2
            sent_total{kind="event",outcome="a \\"b\\" } c"} 3 1700000000
            up 1
            wait_seconds_bucket{le="0.1"} 7
            wait_seconds_count 9
            broken
            """)
        #expect(
            values == [
                "sent_total": 5, "sent_total.command.unknown": 2, "sent_total.event.a \"b\" } c": 3, "up": 1,
                "wait_seconds_count": 9,
            ])
    }

    @Test func `Nodes have a name and an address each`() {
        #expect(Set(Node.all.map(\.address)).count == Node.all.count)
        for node in Node.all + [.driver] { #expect(Node(named: node.name) == node) }
        #expect(Node(named: "m4") == nil)
        #expect(Node.s2.host == "10.77.0.52:9090")
    }

    @Test(.timeLimit(.minutes(5)))
    func `A cluster that is killed leaves no process, network or mount behind`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let networks = Self.names(in: "/run/netns")
        let child = try await FaultsProgram.start(
            ["cluster", "--folder", folder.url.path], log: folder.url.appending(path: "output"))
        // Database members are among the first to run; their data lies on mounts and their addresses in networks.
        let servers = try await Self.eventually {
            let servers = Self.processes(naming: folder.url.path).filter { Self.command(of: $0).contains("--replSet") }
            return servers.count == 3 ? servers : nil
        }
        #expect(Self.names(in: "/run/netns") == networks)
        #expect(try Self.mounts(of: "self").contains("/run/cluster") == false)
        #expect(try Self.mounts(of: "\(servers[0])").contains("/run/cluster/m1"))
        let own = try Self.network(of: "self")
        for server in servers { #expect(try Self.network(of: "\(server)") != own) }

        await child.kill()
        _ = try await Self.eventually { Self.processes(naming: folder.url.path).isEmpty ? true : nil }
        #expect(Self.names(in: "/run/netns") == networks)
        #expect(try Self.mounts(of: "self").contains("/run/cluster") == false)
    }

    private struct NeverSo: Error {}

    private static func eventually<Value>(_ ask: () -> Value?) async throws -> Value {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let value = ask() { return value }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw NeverSo()
    }

    /// Other processes whose command names the folder.
    private static func processes(naming folder: String) -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            pid != ProcessInfo.processInfo.processIdentifier && command(of: pid).contains(folder)
        }
    }

    private static func command(of pid: Int32) -> String {
        String(decoding: (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline"))) ?? Data(), as: UTF8.self)
    }

    private static func mounts(of process: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(process)/mounts")), as: UTF8.self)
    }

    private static func network(of process: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
