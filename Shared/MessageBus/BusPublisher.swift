public import Logging

/// Publishes events and replies over one channel of its own. Publications of one task keep their order.
public final class BusPublisher: Sendable {
    public init(bus: MessageBus, logger: Logger) { fatalError("not written yet") }

    /// Publishes events, merged into as few bus messages as their size allows, and returns when the broker has
    /// confirmed all of them.
    ///
    /// - Throws: `notSent` if surely none was published, else `outcomeUnknown`. Repeating is harmless: receivers ignore
    ///   what they have.
    public func publish(events: [OutgoingEvent]) async throws(BusError) { fatalError("not written yet") }

    /// Sends replies, one bus message for all of one gateway, without waiting. What cannot be sent now is dropped and
    /// counted: the asker's deadline tells it that the outcome is unknown.
    public func send(replies: [OutgoingReply]) { fatalError("not written yet") }
}
