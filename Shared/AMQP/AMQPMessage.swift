/// The properties that travel with a message. Short texts (all but header values) hold at most 255 bytes.
public struct AMQPProperties: Sendable, Equatable {
    public var contentType: String?
    public var contentEncoding: String?
    public var type: String?
    public var messageID: String?
    public var correlationID: String?
    public var replyTo: String?
    /// The broker refuses a message whose user is not the one that is signed in.
    public var userID: String?
    public var appID: String?
    /// Whether durable queues write the message to disk.
    public var persistent: Bool
    public var priority: UInt8?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    /// How long a queue may keep the message; whole milliseconds.
    public var expiration: Duration?
    public var headers: [String: AMQPValue]

    public init(
        contentType: String? = nil, contentEncoding: String? = nil, type: String? = nil, messageID: String? = nil,
        correlationID: String? = nil, replyTo: String? = nil, userID: String? = nil, appID: String? = nil,
        persistent: Bool = false, priority: UInt8? = nil, timestamp: UInt64? = nil, expiration: Duration? = nil,
        headers: [String: AMQPValue] = [:]
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.type = type
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.userID = userID
        self.appID = appID
        self.persistent = persistent
        self.priority = priority
        self.timestamp = timestamp
        self.expiration = expiration
        self.headers = headers
    }
}

/// Properties and body.
public struct AMQPMessage: Sendable, Equatable {
    public var properties: AMQPProperties
    public var body: [UInt8]

    public init(properties: AMQPProperties = AMQPProperties(), body: [UInt8]) {
        self.properties = properties
        self.body = body
    }
}

/// A message and where it goes.
public struct AMQPPublication: Sendable, Equatable {
    /// The empty name is the default exchange, whose routing keys are queue names.
    public var exchange: String
    /// Further keys go into the header `CC` as an array of strings.
    public var routingKey: String
    /// Whether the publication fails as `unroutable` when no queue takes it.
    public var mandatory: Bool
    public var message: AMQPMessage

    public init(exchange: String, routingKey: String, mandatory: Bool = false, message: AMQPMessage) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.message = message
    }
}

/// A message that a queue handed to a consumer.
public struct AMQPDelivery: Sendable, Equatable {
    public var message: AMQPMessage
    public var exchange: String
    public var routingKey: String
    /// Whether the broker may have delivered it before.
    public var redelivered: Bool
    /// How often a quorum queue got it back before (`x-delivery-count`), 0 where the queue does not count.
    public var deliveryCount: Int
    /// Which subscription of the consumer it belongs to. Acknowledgements of earlier ones have no effect.
    public var generation: Int
    /// The broker's number of the delivery; grows by one within a generation.
    public var deliveryTag: UInt64
    public var queue: String

    public init(
        message: AMQPMessage, exchange: String, routingKey: String, redelivered: Bool, deliveryCount: Int,
        generation: Int, deliveryTag: UInt64, queue: String
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.redelivered = redelivered
        self.deliveryCount = deliveryCount
        self.generation = generation
        self.deliveryTag = deliveryTag
        self.queue = queue
    }
}
