import AMQP
import LogKeys
import Logging

/// Sees that events still find a process's queue, by sending one there that says nothing.
///
/// An exchange that is deleted takes its bindings along, also if it is declared again at once. Events then go nowhere,
/// and the last one before a silence has no successor whose number could tell. The broker returns a probe that has
/// nowhere to go, so the loss is noticed within seconds and everybody can be told to fetch what was missed.
struct EventProbe: Sendable {
    let consumer: AMQPConsumer
    let exchange: String
    /// A routing key that is bound to this queue alone, and by its subscription only: see ``BindingRenewal``. The queue of a
    /// connection that just died may have it for some seconds more.
    let key: String
    let interval: Duration
    let bus: MessageBus
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        // Of its own, because publishing to an exchange that is gone ends the channel for whoever shares it.
        let publisher = bus.publishing.makePublisher()
        var pause = interval
        while !Task.isCancelled {
            try? await Task.sleep(for: pause * Double.random(in: 0.75...1))
            guard !Task.isCancelled, consumer.isSubscribed else { continue }
            // Where subscribing again does not help, doing it all the time would only keep everybody syncing.
            pause = await probe(publisher) ? interval : min(pause * 2, max(interval, Self.longestPause))
        }
    }

    private static let longestPause: Duration = .seconds(30)

    /// - Returns: whether nothing is known to be wrong.
    private func probe(_ publisher: AMQPPublisher) async -> Bool {
        let properties = AMQPProperties(
            contentType: EventFrame.contentType, type: "events.v1", userID: bus.configuration.username,
            appID: bus.configuration.service)
        let nothing = EventFrame.encode([], publisher: bus.configuration.instance, serials: [])
        do throws(AMQPError) {
            try await publisher.publish(
                AMQPPublication(
                    exchange: exchange, routingKey: key, mandatory: true,
                    message: AMQPMessage(properties: properties, body: nothing)))
            return true
        } catch {
            // Whatever else went wrong says nothing about the bindings.
            guard error.code == .unroutable || error.code == .channelClosed, consumer.isSubscribed else { return true }
            bus.metrics.bindingsRefused(exchange: exchange)
            logger.error(
                "Events do not find the queue any more; it subscribes again and tells everybody to sync.",
                metadata: [
                    LogKey.queue: "\(consumer.configuration.queue)", LogKey.exchange: "\(exchange)",
                    LogKey.error: "\(error)",
                ])
            consumer.resubscribe()
            return false
        }
    }
}
