import AMQP

extension CommandDelivery {
    init(_ delivery: AMQPDelivery) {
        let properties = delivery.message.properties
        self.init(
            type: properties.type ?? "", body: delivery.message.body, correlationID: properties.correlationID ?? "",
            replyTo: properties.replyTo.flatMap { $0.isEmpty ? nil : $0 },
            context: MessageHeaders.context(of: delivery.message), redelivered: delivery.redelivered,
            deliveryCount: delivery.deliveryCount, queue: delivery.queue, sender: properties.userID)
        origin = delivery
    }

    /// As it concerns a service that carries it out.
    init(_ delivery: AMQPDelivery, checkedBy configuration: BusConfiguration) {
        self.init(delivery)
        refusal = configuration.refusal(ofAsker: sender)
    }
}
