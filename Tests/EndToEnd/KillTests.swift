import FaultChecker
import FaultHistory
import FaultWorkload
import Foundation
import LocalStack
import StackCommand
import Testing

extension StackTests {
    /// Kills processes with SIGKILL while fifty conversations are being written from both sides, and checks that nothing is
    /// lost, doubled or out of order, in the database and in every tab.
    @Suite(.serialized, .timeLimit(.minutes(5)))
    struct KillTests {
        enum Victim: String, CaseIterable, CustomTestStringConvertible {
            case gateway, users, messages, bothMessages, broker

            var testDescription: String {
                switch self {
                case .gateway: "a gateway"
                case .users: "a users service"
                case .messages: "a messages service"
                case .bothMessages: "every messages service"
                case .broker: "the broker"
                }
            }
        }

        @Test(arguments: Victim.allCases)
        func `Killing a process in the middle of fifty conversations loses, doubles and disorders nothing`(
            _ victim: Victim
        ) async throws {
            let stack = try await RunningStack.start()
            let trial = try await Trial(seed: 21) {
                $0.users = 60
                $0.conversations = 50
                $0.sendsPerSecond = 150
            }
            let verdict = try await trial.run {
                func note(_ phase: FaultStep.Phase) {
                    let step = FaultStep(window: 1, fault: "kill", phase: phase, detail: victim.testDescription)
                    trial.history.record(.fault(step), by: "suite")
                }
                note(.begin)
                try await Task.sleep(for: .seconds(1))
                note(.inject)
                try await Self.kill(victim, in: stack)
                note(.heal)
                try await Task.sleep(for: .seconds(2))
                note(.end)
            }
            #expect(!verdict.violated, "\(TextReport(verdict))")
            #expect(verdict.totals.messagesAcknowledged > 200, "the workload must have had something to lose")
            #expect(trial.workload.counts.unexpectedSignOuts == 0)
        }

        @Test func `No service keeps anything in shared memory, where it would outlive a kill`() async throws {
            let stack = try await RunningStack.start()
            for service in stack.gateways + stack.users + stack.messages {
                let pid = try #require(await service.pid)
                // Such a file has no size, and is otherwise read only up to its first page.
                let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/maps"))
                let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
                #expect(maps.contains("libmongoc"))
                #expect(!maps.contains("/dev/shm/"), "\(service.name)")
            }
        }

        private static func kill(_ victim: Victim, in stack: Stack) async throws {
            switch victim {
            case .gateway: await stack.gateways[0].kill()
            case .users: await stack.users[0].kill()
            case .messages: await stack.messages[0].kill()
            case .bothMessages: for service in stack.messages { await service.kill() }
            case .broker:
                await stack.broker.kill()
                try await stack.broker.start()
                return
            }
            try await Task.sleep(for: .milliseconds(500))
            try await stack.startServices()
        }
    }
}
