public import BrokerAdministration
import ChatContracts

/// One of the services, with what it may do at the broker and in the database. Its name is also the name of its broker
/// user, of its database and of its database user. The operator has an account at the broker alone.
public struct ServiceAccount: Sendable, Hashable, CaseIterable {
    public let name: String

    public static let gateway = ServiceAccount(name: BrokerAccount.gateway)
    public static let users = ServiceAccount(name: BrokerAccount.users)
    public static let messages = ServiceAccount(name: BrokerAccount.messages)

    /// The operator, who deals with dead letters.
    public static let `operator` = ServiceAccount(name: BrokerAccount.operator)

    /// The services.
    public static let allCases = [gateway, users, messages]
    /// All that have an account at the broker.
    static let brokerAccounts = allCases + [`operator`]

    /// The least that it needs. The setup declares durable queues and exchanges, so only a gateway configures anything:
    /// its own two queues.
    public var permissions: BrokerPermissions {
        switch self {
        case .gateway:
            // Binding a queue takes the right to write to it and to read the exchange.
            BrokerPermissions(
                configure: #"^gateway\..+$"#,
                write: #"^(\#(Topology.commandsExchange)|\#(Topology.eventsExchange)|gateway\..+)$"#,
                read: #"^(\#(Topology.eventsExchange)|\#(Topology.repliesExchange)|gateway\..+)$"#)
        case .operator:
            // Consumes dead letters and publishes them again.
            BrokerPermissions(
                configure: "^$", write: "^\(Topology.commandsExchange)$", read: "^\(DeadLetterPolicy.queues)$")
        default:
            // The dead-letter queue of a service begins with its name too, and it must not consume what it dead-lettered.
            BrokerPermissions(
                configure: "^$",
                write: "^(\(Topology.eventsExchange)|\(Topology.repliesExchange)|\(Topology.deadLettersExchange))$",
                read: #"^\#(name)\.(commands(\.[0-9]+)?|queries|sign-ins)$"#)
        }
    }
}
