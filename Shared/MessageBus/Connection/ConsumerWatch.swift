import AMQP
import LogKeys
import Logging

/// Notices that the broker has forgotten a consumer without telling it, as it may when a queue is deleted and declared
/// again at once: the channel lives, the consumer waits, and messages pile up that nobody gets.
///
/// The broker may even count the consumer, and hand everything to a channel that drops it. Nothing that can be asked tells
/// such a consumer from one for which there is nothing to do, so whoever hears nothing for a while, and has nothing in hand
/// that would be requeued, subscribes again.
struct ConsumerWatch: Sendable {
    /// How often it looks, and how long the queue may be silent.
    struct Rhythm: Sendable {
        var interval: Duration = .seconds(10)
        var silence: Duration = .seconds(60)
    }

    let consumer: AMQPConsumer
    let rhythm: Rhythm
    let bus: MessageBus
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        // So that the consumers of one queue do not leave it together.
        var silence = rhythm.silence * Double.random(in: 0.5...1)
        while !Task.isCancelled {
            try? await Task.sleep(for: rhythm.interval * Double.random(in: 0.5...1))
            guard !Task.isCancelled, consumer.isSubscribed else { continue }
            if ContinuousClock.now - consumer.lastHeard >= silence {
                consumer.renew()
                silence = rhythm.silence * Double.random(in: 0.5...1)
            } else {
                await look()
            }
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
