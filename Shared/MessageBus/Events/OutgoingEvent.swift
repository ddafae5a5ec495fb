public import ChatContracts

/// An event on its way to the gateways of its recipients.
public struct OutgoingEvent: Sendable {
    /// One of ``EventName``; also a routing key, for receivers that want every event of a name.
    public var name: String
    /// The users to whom it may be shown. May be empty.
    public var recipients: [UserID]
    /// The members of a group to whom it may be shown, too; nil for none.
    public var audience: GroupAudience?
    /// One line of JSON as the API shows it. Must not contain a line feed.
    public var data: [UInt8]

    public init(name: String, recipients: [UserID], audience: GroupAudience? = nil, data: [UInt8]) {
        self.name = name
        self.recipients = recipients
        self.audience = audience
        self.data = data
    }
}

/// The answer to a ``CommandDelivery``.
public struct OutgoingReply: Sendable {
    public enum Outcome: Sendable {
        /// One line of JSON: the request's `Reply`. Must not contain a line feed.
        case value([UInt8])
        case fault(Fault)
    }

    /// Where to send it, from ``CommandDelivery/replyTo``.
    public var replyTo: String
    /// From ``CommandDelivery/correlationID``.
    public var correlationID: String
    public var outcome: Outcome

    public init(replyTo: String, correlationID: String, outcome: Outcome) {
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.outcome = outcome
    }
}
