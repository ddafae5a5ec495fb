import FaultChecker
import FaultWorkload
import StackCommand
import Testing

extension StackTests {
    /// People who chat on a stack to which nothing happens, well-behaved and otherwise.
    @Suite("A stack that nothing happens to", .serialized, .timeLimit(.minutes(5)))
    struct ChatTests {
        private func small(_ configuration: inout WorkloadConfiguration) {
            configuration.users = 16
            configuration.conversations = 10
            configuration.sendsPerSecond = 60
            configuration.visitInterval = 1
            configuration.signUpRaceInterval = 1.5
            configuration.strangerInterval = 0.3
        }

        @Test func `keeps every promise, whatever its users do`() async throws {
            let trial = try await Trial(seed: 11) {
                small(&$0)
                $0.reconnectShare = 0.2
                $0.reloadShare = 0.05
            }
            let workload = trial.workload
            let verdict = try await trial.run {
                try await Task.sleep(for: .seconds(4))
                workload.setCopies(2...5)
                try await Task.sleep(for: .seconds(2))
                workload.setCopies(1...1)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await workload.readSlowly(streams: 4) }
                    group.addTask { await workload.holdIdleStreams(20) }
                    group.addTask { await workload.flood(Flood(senders: 8, sendsPerSecond: 200)) }
                    group.addTask { await workload.floodSignIns(atOnce: 2) }
                    try await Task.sleep(for: .seconds(2))
                    workload.reconnectAllTabs()
                    try await Task.sleep(for: .seconds(2))
                    group.cancelAll()
                }
            }
            #expect(verdict.passed, "\(TextReport(verdict))")
            #expect(verdict.totals.messagesAcknowledged > 200)
            for invariant in [Invariant.view, .convergence, .isolation, .uniqueness, .stability] {
                #expect(verdict.findings.contains { $0.invariant == invariant && $0.examined > 0 }, "\(invariant)")
            }
            #expect(workload.counts.disconnects > 10, "streams must have been broken off")
            #expect(workload.counts.unexpectedSignOuts == 0)
        }

        @Test func `is told from clients that never sync`() async throws {
            let trial = try await Trial(seed: 12) {
                small(&$0)
                $0.mistake = .neverSyncs
                $0.reconnectShare = 0.5
            }
            let verdict = try await trial.run(mustConverge: false) { try await Task.sleep(for: .seconds(5)) }
            #expect(verdict.findings.contains { $0.invariant == .convergence && $0.decision == .violated })
        }
    }
}
