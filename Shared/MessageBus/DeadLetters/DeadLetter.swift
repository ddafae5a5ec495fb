import AMQP
import ChatContracts

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension MessageBus {
    /// Puts a copy of a message, with its reason, into a dead-letter queue and returns when the broker has it.
    func deadLetter(_ delivery: AMQPDelivery, to queue: String, reason: String) async throws(BusError) {
        var message = delivery.message
        message.properties.headers[MessageHeaders.reason] = .string(reason)
        message.properties.headers[MessageHeaders.queue] = .string(delivery.queue)
        message.properties.headers[MessageHeaders.time] = .timestamp(UInt64(max(0, Date().timeIntervalSince1970)))
        message.properties.headers[MessageHeaders.deliveries] = .int(Int64(delivery.deliveryCount) + 1)
        message.properties.headers[MessageHeaders.carbonCopy] = nil
        message.properties.persistent = true
        message.properties.expiration = nil
        // The broker lets nobody publish in another user's name, so the sender's moves to a header.
        if let sender = message.properties.userID {
            message.properties.headers[MessageHeaders.sender] = .string(sender)
            message.properties.userID = nil
        }
        do {
            try await deadLetters.publish(
                AMQPPublication(
                    exchange: Topology.deadLettersExchange, routingKey: queue, mandatory: true, message: message))
            metrics.published(.deadLetter, .confirmed)
            metrics.deadLettered(queue: delivery.queue)
        } catch {
            let failure = BusError(error, "a dead letter did not surely reach \(queue)")
            metrics.published(.deadLetter, failure.outcomeUnknown ? .unknown : .notSent)
            throw failure
        }
    }
}
