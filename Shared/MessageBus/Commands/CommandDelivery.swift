import AMQP
public import ChatContracts
import JSON

/// A command as it came from its queue, not yet parsed.
public struct CommandDelivery: Sendable {
    /// ``ServiceRequest/typeName``; empty if the sender gave none.
    public var type: String
    /// The request as JSON.
    public var body: [UInt8]
    /// To repeat in the reply; empty if no reply is wanted.
    public var correlationID: String
    /// Where the reply goes; nil if no reply is wanted.
    public var replyTo: String?
    public var context: RequestContext
    /// Whether it may have been delivered before, here or elsewhere.
    public var redelivered: Bool
    /// How many deliveries of it were requeued before, if the queue counts them; else 0.
    public var deliveryCount: Int
    /// The queue that it came from.
    public var queue: String
    /// The broker user who sent it; nil if it does not say.
    public var sender: String?
    /// Why it must not be carried out, whatever it says: who sent it may not send such things. Nil if it may.
    public var refusal: String?
    /// Nil for one that a test made up.
    var origin: AMQPDelivery?

    public init(
        type: String, body: [UInt8], correlationID: String, replyTo: String?, context: RequestContext,
        redelivered: Bool = false, deliveryCount: Int = 0, queue: String = "", sender: String? = nil
    ) {
        self.type = type
        self.body = body
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.context = context
        self.redelivered = redelivered
        self.deliveryCount = deliveryCount
        self.queue = queue
        self.sender = sender
    }

    /// Reads the body as a request of type `R`.
    ///
    /// - Throws: A fault `invalid` that says what is wrong and names the field, and is fit to be the reply and the
    ///   reason of a dead letter: it never shows a value.
    public func decode<R: ServiceRequest>(_ type: R.Type) throws(Fault) -> R {
        if let request = R(directJSON: body) { return request }
        do {
            return try JSONCoding.decode(type, from: body)
        } catch {
            throw JSONCoding.fault(for: error)
        }
    }
}
