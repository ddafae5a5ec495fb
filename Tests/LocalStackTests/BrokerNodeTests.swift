import BrokerAdministration
import BrokerFiles
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

    /// What a queue leaves that could not delete its entry while nodes were parting.
    @Test func `its script deletes an exclusive queue whose connection and process have ended, and no other`()
        async throws
    {
        try await withPrivateBroker { node, _ in
            let script = FileManager.default.temporaryDirectory.appending(path: "rejoin-\(RandomName.make()).erl")
            defer { try? FileManager.default.removeItem(at: script) }
            try Data(BrokerFiles.rejoin.utf8).write(to: script)
            let declare = """
                Ended = spawn(fun() -> ok end),
                [mnesia:dirty_write(rabbit_queue, amqqueue:new(rabbit_misc:r(<<"/">>, queue, Name), Process, false, true,
                    Owner, [], <<"/">>, #{}, rabbit_classic_queue))
                    || {Name, Process, Owner} <- [{<<"left">>, Ended, Ended}, {<<"owned">>, Ended, whereis(rabbit_sup)},
                        {<<"alive">>, whereis(rabbit_sup), Ended}]],
                file:eval("\(script.path)").
                """
            _ = try await node.control(["eval", declare])
            try await eventually(within: .seconds(60)) {
                try await node.control(["eval", list]).contains("left") == false
            }
            let rest = try await node.control(["eval", list])
            #expect(rest.contains("owned") && rest.contains("alive"))
        }
    }

    private let list = "[element(4, amqqueue:get_name(Queue)) || Queue <- rabbit_amqqueue:list()]."
}
