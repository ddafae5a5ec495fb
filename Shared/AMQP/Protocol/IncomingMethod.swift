/// The broker's reason for closing a channel or connection.
struct CloseReason: Sendable, Equatable {
    var code: Int
    var text: String
    var classID: Int = 0
    var methodID: Int = 0
}

/// A method frame from the broker, copied out of the library's memory.
enum IncomingMethod: Sendable, Equatable {
    case channelOpenOK
    case channelClose(CloseReason)
    case channelCloseOK
    case channelFlow(active: Bool)
    case confirmSelectOK
    case exchangeDeclareOK
    case exchangeBindOK
    case queueDeclareOK(name: String, messages: Int, consumers: Int)
    case queueBindOK
    case queueUnbindOK
    case queuePurgeOK(messages: Int)
    case queueDeleteOK(messages: Int)
    case qosOK
    case consumeOK(tag: String)
    /// The broker ended a subscription, for instance because the queue was deleted.
    case consumerCancelled(tag: String)
    case deliver(Deliver)
    case returned(Return)
    case ack(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, multiple: Bool)
    case connectionClose(CloseReason)
    case connectionCloseOK
    case connectionBlocked(reason: String)
    case connectionUnblocked
    case other(id: UInt32)

    struct Deliver: Sendable, Equatable {
        var consumerTag: String
        var deliveryTag: UInt64
        var redelivered: Bool
        var exchange: String
        var routingKey: String
    }

    struct Return: Sendable, Equatable {
        var code: Int
        var text: String
        var exchange: String
        var routingKey: String
    }

    /// The answers among the methods, without their values.
    enum Reply: Sendable, Equatable {
        case channelOpen, confirmSelect, exchangeDeclare, exchangeBind, queueDeclare, queueBind, queueUnbind
        case queuePurge, queueDelete, qos, consume
    }

    /// Which request this method answers; nil when it answers none.
    var reply: Reply? {
        switch self {
        case .channelOpenOK: .channelOpen
        case .confirmSelectOK: .confirmSelect
        case .exchangeDeclareOK: .exchangeDeclare
        case .exchangeBindOK: .exchangeBind
        case .queueDeclareOK: .queueDeclare
        case .queueBindOK: .queueBind
        case .queueUnbindOK: .queueUnbind
        case .queuePurgeOK: .queuePurge
        case .queueDeleteOK: .queueDelete
        case .qosOK: .qos
        case .consumeOK: .consume
        default: nil
        }
    }
}
