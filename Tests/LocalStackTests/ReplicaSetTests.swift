import Foundation
import LocalStack
import TestSupport
import Testing

@Suite("A private replica set", .timeLimit(.minutes(5)))
struct ReplicaSetTests {
    @Test func `of one node is initiated once and keeps its data over a restart`() async throws {
        try await withPrivateReplicaSet(nodes: 1) { set in
            let node = try #require(await set.primary())
            try await node.restart()
            try await set.waitForPrimary()
            try await set.start()
            #expect(await set.primary()?.port == node.port)
        }
    }

    @Test func `of three nodes elects another primary when the first is killed`() async throws {
        try await withPrivateReplicaSet(nodes: 3) { set in
            let first = try await set.waitForPrimary()
            await first.kill()
            let second = try await set.waitForPrimary()
            #expect(second.port != first.port)
            try await first.start()
            try await eventually { await first.isRunning }
        }
    }
}
