import BrokerAdministration
import Foundation
import LocalStack
import TestSupport
import Testing

@Suite("A private broker node", .timeLimit(.minutes(5)))
struct BrokerNodeTests {
    @Test func `gives a test a virtual host that is gone afterwards`() async throws {
        let user = try await withVirtualHost { access in
            let users = try await access.administration.users()
            #expect(users.contains(access.username))
            #expect(!users.contains("guest"))
            #expect(!FreePort.isFree(access.port))
            return access.username
        }
        let node = try await SharedBroker.node()
        #expect(try await !node.administration.users().contains(user))
    }

    @Test func `keeps its port, its users and its process under control through pause, kill, stop and start`()
        async throws
    {
        try await withPrivateBroker { node, access in
            let firstPid = await node.pid
            await node.pause()
            await #expect(throws: (any Error).self) {
                try await within(.milliseconds(500)) { try await access.administration.users() }
            }
            await node.resume()
            try await eventually { await access.administration.isReady() }
            await node.kill()
            #expect(await !node.isRunning)
            #expect(FreePort.isFree(node.port))
            try await node.start()
            #expect(await node.pid != firstPid)
            #expect(try await access.administration.users().contains(access.username))
            await node.stop()
            #expect(FreePort.isFree(node.port))
        }
    }
}
