import AMQP
import LocalStack
import Synchronization
import TestSupport
import Testing

@testable import MessageBus

@Suite struct SilenceTests {
    private let start = ContinuousClock.now

    /// For each of these times after a sign of silence at zero, whether a message is let through.
    private func admitted(_ times: [Duration], notes: [Duration] = []) -> [Bool] {
        var silence = Silence()
        silence.note(at: start)
        var notes = notes[...]
        return times.map { time in
            while let note = notes.first, note <= time {
                silence.note(at: start + note)
                notes.removeFirst()
            }
            return silence.admitsOne(at: start + time)
        }
    }

    @Test func `a silent queue gets one message each second`() {
        let times: [Duration] = [.zero, .milliseconds(999), .seconds(1), .milliseconds(1_001), .seconds(2)]
        #expect(admitted(times) == [false, false, true, false, true])
    }

    @Test func `further signs of silence do not put the next try off`() {
        #expect(admitted([.seconds(1)], notes: [.milliseconds(500), .milliseconds(999)]) == [true])
    }

    @Test func `a silence that was not noticed again for long is forgotten`() {
        #expect(admitted([.seconds(10), .milliseconds(10_001), .milliseconds(10_002)]) == [true, true, true])
        #expect(admitted([.seconds(10), .milliseconds(10_001)], notes: [.seconds(1)]) == [true, false])
    }

    @Test func `an answer ends it`() {
        var silence = Silence()
        silence.note(at: start)
        silence.end()
        #expect(silence.isOver)
        let isAdmitted = silence.admitsOne(at: start)
        #expect(isAdmitted)
    }
}

@Suite("A queue that confirms nothing", .timeLimit(.minutes(5))) struct SilentQueueTests {
    /// Publishes to a queue of which it knows only the name, through the default exchange.
    private static func publish(_ publisher: QueuePublisher, to queue: String) async -> AMQPError? {
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

    /// What many publications to the silent queue came to, and those to the other one that were made all the while.
    private static func attempts(
        _ count: Int, _ publisher: QueuePublisher
    ) async -> (silent: [AMQPError?], well: [AMQPError?]) {
        let others = Others()
        let well = Task {
            var outcomes: [AMQPError?] = []
            while !others.areDone.load(ordering: .relaxed) {
                outcomes.append(await publish(publisher, to: "well"))
                try? await Task.sleep(for: .milliseconds(5))
            }
            return outcomes
        }
        let silent = await withTaskGroup(of: AMQPError?.self) { group in
            for _ in 0..<count { group.addTask { await publish(publisher, to: "silent") } }
            return await group.reduce(into: [AMQPError?]()) { $0.append($1) }
        }
        others.areDone.store(true, ordering: .relaxed)
        return (silent, await well.value)
    }

    private final class Others: Sendable {
        let areDone = Atomic<Bool>(false)
    }

    @Test(arguments: [true, false])
    func `it fails alone, the others go on over the same connection, and it is found when it is well again`(
        hasPublishedBefore: Bool
    ) async throws {
        try await withPrivateBroker { node, access in
            var configuration = BusFixture.configuration(access)
            let declaring = MessageBus(configuration: configuration, logger: BusFixture.logger)
            configuration.operationTimeout = .seconds(3)
            let bus = MessageBus(configuration: configuration, logger: BusFixture.logger)
            try await running([declaring, bus]) {
                try await declaring.waitUntilReady(timeout: .seconds(10))
                try await bus.waitUntilReady(timeout: .seconds(10))
                try await declaring.publishing.declare(
                    ["silent", "well"].map { .queue(name: $0, arguments: ["x-queue-type": "quorum"]) })
                let publisher = QueuePublisher(connection: bus.publishing)
                #expect(await Self.publish(publisher, to: "well") == nil)
                if hasPublishedBefore { #expect(await Self.publish(publisher, to: "silent") == nil) }

                try await node.suspendLeader(of: "silent", on: access)
                // More than a channel of RabbitMQ takes for a queue that does not answer, and more than may be under way.
                let first = await Self.attempts(500, publisher)
                #expect(first.silent.allSatisfy { $0?.code == .timedOut })
                let unknown = first.silent.count { $0?.outcomeUnknown == true }
                #expect((1...256).contains(unknown))
                #expect(first.well.count > 50)
                #expect(first.well.allSatisfy { $0 == nil })
                for _ in 0..<2 {
                    let next = await Self.attempts(20, publisher)
                    #expect(next.silent.allSatisfy { $0?.code == .timedOut })
                    let tried = next.silent.count { $0?.outcomeUnknown == true }
                    #expect(tried <= 1)
                    #expect(next.well.allSatisfy { $0 == nil })
                }
                guard case .open(generation: 1) = bus.publishing.state else {
                    Issue.record("the connection was replaced: \(bus.publishing.state)")
                    return
                }

                try await node.resumeLeader(of: "silent", on: access)
                try await eventually("the queue takes messages again") {
                    await Self.publish(publisher, to: "silent") == nil
                }
                #expect(await Self.publish(publisher, to: "silent") == nil)
            }
        }
    }
}
