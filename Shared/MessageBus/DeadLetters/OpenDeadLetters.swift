import AMQP
import ChatContracts

/// The commands of one dead-letter queue, while somebody looks at them.
///
/// They are taken but not settled: all that are not replayed go back to their places with ``close()``, and also when the
/// process or its connection ends.
public final class OpenDeadLetters: Sendable {
    /// In the order of the queue.
    public let letters: [DeadLetteredCommand]
    /// Whether the queue held more than were asked for, or did not hand out all in time.
    public let areMore: Bool
    private let bus: MessageBus
    private let consumer: AMQPConsumer?

    init(bus: MessageBus, letters: [DeadLetteredCommand], areMore: Bool, consumer: AMQPConsumer?) {
        self.bus = bus
        self.letters = letters
        self.areMore = areMore
        self.consumer = consumer
    }

    /// Sends a command on its way again, and when the broker has it takes the letter away.
    ///
    /// In that order: a crash in between leaves both, and a command that is carried out twice is carried out once.
    ///
    /// - Throws: `notSent` or `outcomeUnknown`; the letter is then still there, and repeating is harmless.
    public func replay(_ letter: DeadLetteredCommand, to queue: String) async throws(BusError) {
        do {
            try await bus.deadLetters.publish(letter.publication(to: queue, as: bus.configuration.username))
        } catch {
            throw BusError(error, "the command did not surely reach \(queue)")
        }
        consumer?.acknowledge(letter.delivery)
    }

    /// Requeues what was not replayed. Nothing can be replayed afterwards.
    public func close() async { await consumer?.cancel() }
}

extension MessageBus {
    /// Takes what lies in a dead-letter queue.
    ///
    /// - Parameters:
    ///   - limit: the most that are taken, up to 65,535
    ///   - patience: how long the queue may take to hand them out
    /// - Throws: `notSent` when the queue cannot be reached.
    public func openDeadLetters(
        _ queue: String, atMost limit: Int, patience: Duration = .seconds(5)
    ) async throws(BusError) -> OpenDeadLetters {
        let waiting: Int
        do {
            waiting = try await consuming.queueStatus(queue).messages
        } catch {
            throw BusError(error, "\(queue) cannot be looked at")
        }
        let expected = min(waiting, limit, 65_535)
        guard expected > 0 else {
            return OpenDeadLetters(bus: self, letters: [], areMore: waiting > 0, consumer: nil)
        }
        let consumer = consuming.makeConsumer(AMQPConsumerConfiguration(queue: queue, prefetch: expected))
        let taken = await withTaskGroup(of: [AMQPDelivery]?.self) { group in
            group.addTask {
                var taken: [AMQPDelivery] = []
                for await event in consumer.events {
                    switch event {
                    case .subscribed: continue
                    case .deliveries(let deliveries): taken += deliveries
                    // What was taken before has gone back, and comes again.
                    case .lost: taken = []
                    }
                    if taken.count >= expected { break }
                }
                return taken
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            var taken: [AMQPDelivery] = []
            for await result in group {
                if let result { taken = result }
                group.cancelAll()
            }
            return taken
        }
        return OpenDeadLetters(
            bus: self, letters: taken.map(DeadLetteredCommand.init), areMore: taken.count < waiting, consumer: consumer)
    }
}
