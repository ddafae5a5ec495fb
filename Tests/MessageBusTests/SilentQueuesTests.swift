import AMQP
import LocalStack
import TestSupport
import Testing

@testable import MessageBus

@Suite struct SilentQueuesTests {
    private let start = ContinuousClock.now

    @Test func `a silent queue gets one message each second, all others get theirs`() {
        var queues = SilentQueues()
        queues.noteSilence(of: "a", at: start)
        let times: [Duration] = [.zero, .milliseconds(999), .seconds(1), .milliseconds(1_001), .seconds(2)]
        var admitted: [Bool] = []
        for time in times { admitted.append(queues.admits("a", at: start + time)) }
        #expect(admitted == [false, false, true, false, true])
        let isOtherAdmitted = queues.admits("b", at: start)
        #expect(isOtherAdmitted)
    }

    @Test func `a queue that has answered is forgotten`() {
        var queues = SilentQueues()
        queues.noteSilence(of: "a", at: start)
        queues.noteSilence(of: "b", at: start)
        queues.noteAnswer(of: "a")
        let isAdmitted = (queues.admits("a", at: start), queues.admits("b", at: start))
        #expect(isAdmitted == (true, false))
        queues.noteAnswer(of: "b")
        #expect(queues.isEmpty)
    }
}

@Suite("A queue that confirms nothing", .timeLimit(.minutes(2))) struct SilentQueueTests {
    @Test func `it fails alone, the others go on over the same connection, and it is found when it is well again`()
        async throws
    {
        try await withPrivateBroker { node, access in
            var configuration = BusFixture.configuration(access)
            configuration.operationTimeout = .seconds(1)
            let bus = MessageBus(configuration: configuration, logger: BusFixture.logger)
            try await running([bus]) {
                try await bus.waitUntilReady(timeout: .seconds(10))
                let connection = bus.publishing
                try await connection.declare(
                    ["silent", "well"].map { .queue(name: $0, arguments: ["x-queue-type": "quorum"]) })
                let publisher = QueuePublisher(connection: connection)
                @Sendable func publish(_ queue: String) async -> AMQPError? {
                    do throws(AMQPError) {
                        try await publisher.publish(
                            AMQPPublication(
                                exchange: "", routingKey: queue, mandatory: true,
                                message: AMQPMessage(properties: AMQPProperties(persistent: true), body: [1])))
                        return nil
                    } catch {
                        return error
                    }
                }
                func leader(_ function: String) async throws {
                    let name = "binary_to_existing_atom(<<\"\(access.virtualHost)_silent\">>, utf8)"
                    try await node.control(["eval", "ok = sys:\(function)(\(name))."])
                }
                #expect(await publish("silent") == nil)

                try await leader("suspend")
                /// Publishes there several times at once, and to the other queue until all have ended.
                func attempts(_ count: Int) async -> [AMQPError] {
                    await withTaskGroup(of: AMQPError?.self) { group in
                        for _ in 0..<count { group.addTask { await publish("silent") } }
                        let others = Task {
                            while !Task.isCancelled {
                                let error = await publish("well")
                                #expect(error == nil || error?.code == .cancelled)
                                try? await Task.sleep(for: .milliseconds(20))
                            }
                        }
                        var errors: [AMQPError] = []
                        for await error in group { if let error { errors.append(error) } }
                        others.cancel()
                        await others.value
                        return errors
                    }
                }
                let unconfirmed = await attempts(3)
                #expect(unconfirmed.map(\.code) == [.timedOut, .timedOut, .timedOut])
                #expect(unconfirmed.allSatisfy { $0.outcomeUnknown })
                for _ in 0..<3 {
                    // Whether one is tried depends on the time since the last.
                    let errors = await attempts(5)
                    #expect(errors.count == 5)
                    #expect(errors.allSatisfy { $0.code == .timedOut })
                    let tried = errors.count { $0.outcomeUnknown }
                    #expect(tried <= 1)
                }
                guard case .open(generation: 1) = connection.state else {
                    Issue.record("the connection was replaced: \(connection.state)")
                    return
                }

                try await leader("resume")
                try await eventually("the queue takes messages again") { await publish("silent") == nil }
                #expect(await publish("silent") == nil)
            }
        }
    }
}
