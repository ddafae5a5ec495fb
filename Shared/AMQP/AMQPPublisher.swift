/// Publishes on a channel of its own. Publications keep their order.
public final class AMQPPublisher: Sendable {
    init() {}

    /// Publishes and returns when the broker has taken responsibility.
    /// - Throws: `unroutable`, `nacked`, `notConnected`, `blocked`, `busy`, `invalidArgument`: surely not taken;
    ///   `outcomeUnknown` when the connection was lost or the confirm overdue.
    public func publish(_ publication: AMQPPublication) async throws(AMQPError) { fatalError("not written yet") }

    /// Publishes all without waiting in between; results in the order of `publications`.
    public func publish(contentsOf publications: [AMQPPublication]) async -> [Result<Void, AMQPError>] {
        fatalError("not written yet")
    }

    /// Hands a publication over without waiting for the broker; what becomes of it is not told.
    /// - Throws: `notConnected`, `blocked`, `busy`, `closed`, `invalidArgument` when it was refused at once.
    public func send(_ publication: AMQPPublication) throws(AMQPError) { fatalError("not written yet") }
}
