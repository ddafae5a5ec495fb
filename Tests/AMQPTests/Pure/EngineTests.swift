import Synchronization
import TestSupport
import Testing

@testable import AMQP

@Suite("Parts of the engine")
struct EngineTests {
    @Test func `pauses grow to the limit and stay within it`() {
        var generator = SeededSource(seed: 7)
        var backoff = Backoff(limits: .milliseconds(100) ... .seconds(10))
        var bounds: [Duration] = []
        for _ in 0..<200 {
            let bound = backoff.bound
            bounds.append(bound)
            let pause = backoff.next(using: &generator)
            #expect(pause >= .zero && pause <= bound)
        }
        #expect(bounds.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(bounds.last == .seconds(10))
        backoff.reset()
        #expect(backoff.bound == .milliseconds(100))
    }

    @Test func `the mailbox refuses without a connection, over its capacity, and after the end`() throws {
        let mailbox = Mailbox(capacity: 2, byteCapacity: 100)
        let command = Command.closePublisher(PublisherID(number: 1))
        func code(_ operations: Int, _ bytes: Int = 0) -> AMQPError.Code? {
            do throws(AMQPError) {
                try mailbox.post(command, operations: operations, bytes: bytes)
                return nil
            } catch { return error.code }
        }
        #expect(code(1) == .notConnected)
        mailbox.admit(.open)
        #expect(code(3) == .busy)
        #expect(code(1, 500) == nil)
        #expect(code(1, 1) == .busy)
        #expect(code(1) == nil)
        #expect(code(1) == .busy)
        mailbox.release(operations: 2, bytes: 500)
        #expect(code(2, 100) == nil)
        mailbox.admit(.blocked(reason: "low"))
        #expect(code(1) == .blocked)
        mailbox.admit(.closed)
        #expect(code(1) == .closed)
        mailbox.postControl(command)
        var commands: [Command] = []
        mailbox.take(&commands)
        #expect(commands.count == 4)
        mailbox.take(&commands)
        #expect(commands.isEmpty)
    }

    @Test func `channel numbers are used again, the lowest first`() {
        var numbers = ChannelNumbers(maximum: 3)
        #expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()] == [1, 2, 3, nil])
        numbers.release(3)
        numbers.release(2)
        #expect([numbers.take(), numbers.take(), numbers.take()] == [2, 3, nil])
    }

    @Test func `a finished operation keeps its first result, and a cancelled one is not written any more`() async throws
    {
        let early = PendingOperation<Int>()
        early.finish(.success(1))
        early.finish(.success(2))
        #expect(try await early.value() == 1)

        let cancelled = PendingOperation<Int>()
        let task = Task { try await cancelled.value() }
        task.cancel()
        let error = await #expect(throws: AMQPError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.outcomeUnknown == false)
        #expect(!cancelled.begin())

        let sent = PendingOperation<Int>()
        #expect(sent.begin())
        let waiting = Task { try await sent.value() }
        waiting.cancel()
        let unknown = await #expect(throws: AMQPError.self) { try await waiting.value }
        #expect(unknown?.outcomeUnknown == true)
    }

    @Test func `a stream joins deliveries that wait, and drops them when the subscription is lost`() async {
        func delivery(_ tag: UInt64) -> AMQPDelivery {
            AMQPDelivery(
                message: AMQPMessage(body: []), exchange: "", routingKey: "", redelivered: false, deliveryCount: 0,
                generation: 1, deliveryTag: tag, queue: "q")
        }
        let stream = ConsumerStream(configuration: AMQPConsumerConfiguration(queue: "q", prefetch: 10))
        stream.subscribed(generation: 1)
        stream.deliver([delivery(1)])
        stream.deliver([delivery(2), delivery(3)])
        #expect(stream.isSubscribed)
        guard case .subscribed(1)? = await stream.next(), case .deliveries(let joined)? = await stream.next() else {
            Issue.record("unexpected events")
            return
        }
        #expect(joined.map(\.deliveryTag) == [1, 2, 3])
        stream.deliver([delivery(4)])
        stream.lost(AMQPError(.notConnected, "gone"))
        #expect(!stream.isSubscribed)
        guard case .lost? = await stream.next() else {
            Issue.record("void deliveries were handed out")
            return
        }
        stream.finish()
        #expect(await stream.next() == nil)
    }
}
