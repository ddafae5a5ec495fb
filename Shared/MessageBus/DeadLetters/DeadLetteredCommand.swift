import AMQP
import ChatContracts

/// A command as it lies in a dead-letter queue.
public struct DeadLetteredCommand: Sendable {
    /// The command, as its queue delivered it.
    public var command: CommandDelivery
    /// The dead-letter queue that it lies in.
    public var deadLetterQueue: String
    /// Why it was dead-lettered: a service's words, or the broker's, such as `delivery_limit`.
    public var reason: String
    /// The queue that it came from, if that is known.
    public var origin: String?
    /// When it was dead-lettered, in seconds since 1970, if that is known.
    public var time: UInt64?
    /// How often it was delivered before, if that is known.
    public var deliveries: Int64?
    /// The broker user who sent it, if that is known.
    public var sender: String?
    let delivery: AMQPDelivery

    init(_ delivery: AMQPDelivery) {
        self.delivery = delivery
        command = CommandDelivery(delivery)
        deadLetterQueue = delivery.queue
        let headers = delivery.message.properties.headers
        let death = Self.firstDeath(headers)
        reason =
            headers[MessageHeaders.reason]?.stringValue ?? death?["reason"]?.stringValue ?? "unknown"
        origin = headers[MessageHeaders.queue]?.stringValue ?? death?["queue"]?.stringValue
        deliveries = headers[MessageHeaders.deliveries]?.intValue
        sender = headers[MessageHeaders.sender]?.stringValue ?? delivery.message.properties.userID
        if case .timestamp(let seconds) = headers[MessageHeaders.time] ?? death?["time"] { time = seconds }
    }

    /// What the broker notes of a message that it dead-letters itself.
    private static func firstDeath(_ headers: [String: AMQPValue]) -> [String: AMQPValue]? {
        guard case .array(let deaths) = headers["x-death"], case .table(let death)? = deaths.last else { return nil }
        return death
    }

    /// The command as it was first sent, but for who sends it and that nobody waits for the answer.
    func publication(to queue: String, as user: String) -> AMQPPublication {
        var message = delivery.message
        message.properties.headers = message.properties.headers.filter { name, _ in
            !name.hasPrefix("x-") && name != MessageHeaders.carbonCopy
        }
        message.properties.userID = user
        message.properties.replyTo = nil
        message.properties.persistent = true
        message.properties.expiration = nil
        return AMQPPublication(
            exchange: Topology.commandsExchange, routingKey: queue, mandatory: true, message: message)
    }
}
