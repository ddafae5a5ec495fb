import AMQP
import LogKeys
import Logging

/// Makes the bindings of a process's own queue again from time to time.
///
/// Whoever deletes an exchange deletes its bindings with it, also when it is declared again at once, and the broker tells
/// neither the queues nor their consumers: nothing would come any more, and nothing would say so.
struct BindingRenewal: Sendable {
    let consumer: AMQPConsumer
    let exchange: String
    let interval: Duration
    let bus: MessageBus
    let logger: Logger
    /// The bindings that the queue should have.
    let keys: @Sendable () -> [String]

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            guard !Task.isCancelled, consumer.isSubscribed else { continue }
            await renew()
        }
    }

    private func renew() async {
        let keys = keys()
        guard !keys.isEmpty else { return }
        do throws(AMQPError) {
            try await consumer.renewBindings(keys, exchange: exchange)
        } catch {
            // Whatever else went wrong is tried again, or ends the subscription by itself.
            guard error.code == .channelClosed else { return }
            bus.metrics.bindingsRefused(exchange: exchange)
            logger.error(
                "The bindings of a queue are gone and cannot be made again; martlet-setup declares what is missing.",
                metadata: [
                    LogKey.queue: "\(consumer.configuration.queue)", LogKey.exchange: "\(exchange)",
                    LogKey.error: "\(error)",
                ])
            // Subscribing fails in the same way until the exchange is back, and then tells everybody what was missed.
            consumer.resubscribe()
        }
    }
}
