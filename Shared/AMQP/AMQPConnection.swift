public import Logging
public import ServiceLifecycle

/// One connection to a broker, kept alive: lost connections are replaced, publishers and consumers carry on.
///
/// `run()` must be running for anything to happen. A dedicated thread owns the C library's connection; every method may
/// be called from any task and none blocks a thread.
public final class AMQPConnection: Service, Sendable {
    /// Where the connection stands.
    public enum State: Sendable {
        /// Not connected; trying. `lastError` tells why the latest attempt or connection ended.
        case connecting(lastError: AMQPError?)
        /// Usable. `generation` counts the connections made so far.
        case open(generation: Int)
        /// Connected, but the broker takes no publications at the moment.
        case blocked(generation: Int, reason: String)
        /// Ended for good.
        case closed
    }

    public init(configuration: AMQPConfiguration, logger: Logger) { fatalError("not written yet") }

    /// Connects and stays connected until graceful shutdown (confirms and acknowledgements are completed first, within
    /// `operationTimeout`) or cancellation. May be called once.
    public func run() async throws { fatalError("not written yet") }

    public var state: State { fatalError("not written yet") }

    /// The current state and every later one; a slow reader sees only the newest.
    public func states() -> AsyncStream<State> { fatalError("not written yet") }

    /// Returns as soon as the state is `open`.
    /// - Throws: `timedOut` (with the latest failure as `underlying`), `closed`, `cancelled`.
    public func waitUntilOpen(timeout: Duration) async throws(AMQPError) { fatalError("not written yet") }

    /// Declares in order, once, now. The first refusal ends it.
    public func declare(_ declarations: [AMQPDeclaration]) async throws(AMQPError) { fatalError("not written yet") }

    /// Deletes the queue; no error when there is none.
    /// - Returns: how many messages it held.
    @discardableResult
    public func deleteQueue(_ name: String) async throws(AMQPError) -> Int { fatalError("not written yet") }

    /// Removes the ready messages.
    /// - Returns: how many they were.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(AMQPError) -> Int { fatalError("not written yet") }

    /// Asks for the state of an existing queue; `channelClosed` with `replyCode` 404 when there is none.
    public func queueStatus(_ name: String) async throws(AMQPError) -> AMQPQueueStatus { fatalError("not written yet") }

    /// A publisher with a confirm-mode channel of its own, opened again on every reconnect.
    public func makePublisher() -> AMQPPublisher { fatalError("not written yet") }

    /// A consumer with a channel of its own, subscribed again after every loss.
    public func makeConsumer(_ configuration: AMQPConsumerConfiguration) -> AMQPConsumer {
        fatalError("not written yet")
    }
}
