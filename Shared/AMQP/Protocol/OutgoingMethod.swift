/// A method frame to the broker, without the library's memory layout. Publications are not among them.
enum OutgoingMethod: Sendable, Equatable {
    case channelOpen
    case channelClose(code: Int, text: String)
    case channelCloseOK
    case channelFlowOK(active: Bool)
    case confirmSelect
    case declare(AMQPDeclaration)
    case queueUnbind(queue: String, exchange: String, routingKey: String)
    case queuePurge(String)
    case queueDelete(String)
    case qos(prefetch: Int)
    case consume(queue: String, tag: String, noAck: Bool, exclusive: Bool, arguments: [String: AMQPValue])
    case ack(tag: UInt64, multiple: Bool)
    case reject(tag: UInt64, requeue: Bool)
    case connectionClose(code: Int, text: String)
    case connectionCloseOK

    /// Which answer it asks for; nil when it asks for none (closing is tracked by `ChannelState`).
    var reply: IncomingMethod.Reply? {
        switch self {
        case .channelOpen: .channelOpen
        case .confirmSelect: .confirmSelect
        case .declare(.exchange): .exchangeDeclare
        case .declare(.queue), .declare(.passiveQueue): .queueDeclare
        case .declare(.binding): .queueBind
        case .declare(.exchangeBinding): .exchangeBind
        case .queueUnbind: .queueUnbind
        case .queuePurge: .queuePurge
        case .queueDelete: .queueDelete
        case .qos: .qos
        case .consume: .consume
        default: nil
        }
    }

    /// Why the library could not encode it; nil when it can.
    var flaw: String? {
        switch self {
        case .declare(.exchange(let name, let kind, _, _, _, let arguments)):
            ShortText.flaw(name, kind) ?? ShortText.flaw(in: arguments)
        case .declare(.queue(let name, _, _, _, let arguments)):
            ShortText.flaw(name) ?? ShortText.flaw(in: arguments)
        case .declare(.passiveQueue(let name)), .queuePurge(let name), .queueDelete(let name):
            ShortText.flaw(name)
        case .declare(.binding(let queue, let exchange, let key, let arguments)):
            ShortText.flaw(queue, exchange, key) ?? ShortText.flaw(in: arguments)
        case .declare(.exchangeBinding(let destination, let source, let key, let arguments)):
            ShortText.flaw(destination, source, key) ?? ShortText.flaw(in: arguments)
        case .queueUnbind(let queue, let exchange, let key):
            ShortText.flaw(queue, exchange, key)
        case .consume(let queue, let tag, _, _, let arguments):
            ShortText.flaw(queue, tag) ?? ShortText.flaw(in: arguments)
        default:
            nil
        }
    }
}

/// The library writes the length of a short text into one byte without looking, so longer ones are refused before.
enum ShortText {
    static func flaw(_ texts: String?...) -> String? {
        for case let text? in texts where text.utf8.count > 255 {
            return "\"\(text.prefix(40))...\" has \(text.utf8.count) bytes, and 255 are allowed"
        }
        return nil
    }

    static func flaw(in table: [String: AMQPValue]) -> String? {
        for (key, value) in table {
            if key.utf8.count > 128 { return "the header name \"\(key.prefix(40))...\" is over 128 bytes" }
            if let flaw = flaw(in: value) { return flaw }
        }
        return nil
    }

    private static func flaw(in value: AMQPValue) -> String? {
        switch value {
        case .table(let table): return flaw(in: table)
        case .array(let values): return values.lazy.compactMap { flaw(in: $0) }.first
        default: return nil
        }
    }
}

extension AMQPPublication {
    /// Why it could not be encoded; nil when it can.
    var flaw: String? {
        let properties = message.properties
        return ShortText.flaw(
            exchange, routingKey, properties.contentType, properties.contentEncoding, properties.type,
            properties.messageID, properties.correlationID, properties.replyTo, properties.userID, properties.appID)
            ?? ShortText.flaw(in: properties.headers)
    }
}
