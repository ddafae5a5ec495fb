public import ChatContracts

/// Events that came in one bus message, in the order in which they were published.
public struct EventBatch: Sendable {
    public struct Event: Sendable {
        /// One of ``EventName``.
        public var name: String
        /// The only users to whom it may be shown; some may have no stream here.
        public var recipients: [UserID]
        /// The members of a group to whom it may be shown, too; nil for none.
        public var audience: GroupAudience?
        /// One line of JSON as the API shows it, without a line feed; a slice of the message's body.
        public var data: ArraySlice<UInt8>

        public init(
            name: String, recipients: [UserID], audience: GroupAudience? = nil, data: ArraySlice<UInt8>
        ) {
            self.name = name
            self.recipients = recipients
            self.audience = audience
            self.data = data
        }
    }

    public var events: [Event]

    public init(events: [Event]) { self.events = events }
}
