import AMQP
public import ChatContracts
import LogKeys
import Logging

/// Which broker users this process listens to. Whoever shares this process's own account is always one of them.
public struct TrustedSenders: Sendable, Hashable {
    /// Broker users whose commands and queries are carried out.
    public var askers: Set<String>
    /// Broker users whose replies and events are believed.
    public var announcers: Set<String>

    public init(
        askers: Set<String> = BrokerAccount.askers, announcers: Set<String> = BrokerAccount.announcers
    ) {
        self.askers = askers
        self.announcers = announcers
    }
}

extension BusConfiguration {
    /// Why a command or query of this sender is not carried out; nil if it is.
    ///
    /// - Parameter user: the `user_id` of the message, which the broker has compared with whoever published it
    func refusal(ofAsker user: String?) -> String? {
        guard let user else { return "It does not say which broker user sent it." }
        guard user == username || senders.askers.contains(user) else {
            return "The broker user '\(user.prefix(64))' may not send commands or queries."
        }
        return nil
    }

    /// Whether replies and events of this sender are believed.
    func believes(_ user: String?) -> Bool {
        guard let user else { return false }
        return user == username || senders.announcers.contains(user)
    }
}

extension MessageBus {
    /// Whether a reply or an event is believed; if not, that is counted and logged.
    ///
    /// - Parameter kind: "reply" or "event"
    func believes(_ delivery: AMQPDelivery, of kind: String, logger: Logger) -> Bool {
        let sender = delivery.message.properties.userID
        if configuration.believes(sender) { return true }
        metrics.disbelieved(kind)
        logger.error(
            "A message of an unknown sender is ignored.",
            metadata: [
                LogKey.kind: "\(kind)", LogKey.queue: "\(delivery.queue)",
                LogKey.sender: "\(sender?.prefix(64) ?? "none")",
            ])
        return false
    }
}
