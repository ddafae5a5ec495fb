import AMQP
import Logging

/// Notices that the broker has forgotten a consumer without telling it, as it may when a queue is deleted and declared
/// again at once: the channel lives, the consumer waits, and messages pile up that nobody gets.
struct ConsumerWatch: Sendable {
    let consumer: AMQPConsumer
    let interval: Duration
    let bus: MessageBus
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval * Double.random(in: 0.5...1))
            guard !Task.isCancelled, consumer.isSubscribed else { continue }
            await look()
        }
    }

    private func look() async {
        let queue = consumer.configuration.queue
        do throws(AMQPError) {
            let status = try await bus.consuming.queueStatus(queue)
            // A quorum queue without a leader answers with zeros, and has forgotten nobody.
            guard status.consumers == 0, status.messages > 0 else { return }
        } catch {
            // The queue is not there, although nobody has said so.
            guard error.code == .channelClosed else { return }
        }
        guard consumer.isSubscribed else { return }
        logger.error(
            "The broker does not know of a consumer any more; it subscribes again.",
            metadata: [
                LogKey.queue: "\(queue)"
            ])
        consumer.resubscribe()
    }
}
