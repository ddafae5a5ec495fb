import ChatContracts
import NIOCore
import Synchronization

/// One open `text/event-stream`. Frames come in from anywhere and are written on the connection's event loop, all that
/// wait in one go. No task belongs to it: nothing runs for an idle stream, and nothing is kept for one to come.
final class LiveStream: Sendable {
    let user: UserID
    let session: SessionKey
    /// That of the session.
    let credentialVersion: Int64
    private let channel: any Channel
    private let onEnd: @Sendable (LiveStream) -> Void
    private let state: Mutex<State>

    private struct State {
        var buffer: StreamBuffer
        /// The connection, while the stream is being written to it.
        var outlet: NIOLoopBound<ConnectionHandler>?
        /// Whether the event loop knows that something waits.
        var isCalled = false
        /// Since when the client takes nothing.
        var stalledSince: ContinuousClock.Instant?
    }

    /// - Parameter onEnd: Called once, when nothing is written any more.
    init(
        session: Session, channel: any Channel, limits: StreamBuffer.Limits,
        onEnd: @escaping @Sendable (LiveStream) -> Void
    ) {
        user = session.user
        self.session = session.key
        credentialVersion = session.credentialVersion
        self.channel = channel
        self.onEnd = onEnd
        state = Mutex(State(buffer: StreamBuffer(limits: limits)))
    }

    @discardableResult
    func offer(_ frame: ByteBuffer) -> StreamBuffer.Offer { change { $0.offer(frame) } }

    /// A sign of life, unless something is about to be written anyway.
    func offerSignOfLife() { change { if $0.isEmpty { _ = $0.offer(ServerSentEvent.alive) } } }

    /// Answers whether the client was not already about to be told.
    @discardableResult
    func requireResync() -> Bool { change { $0.requireResync() } }

    /// Writes what waits and `last`, then ends.
    func finish(_ last: ByteBuffer? = nil) { change { $0.finish(last) } }

    /// Ends at once and closes the connection, also in the middle of a write that does not get through.
    func abort() {
        change { $0.abort() }
        channel.close(mode: .all, promise: nil)
    }

    /// Whether the client has taken nothing for this long although something waits for it.
    func isStalled(for limit: Duration, now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in state.stalledSince.map { now - $0 >= limit } ?? false }
    }

    // MARK: For the connection, on its event loop

    /// From now on the connection is told when there is something to write.
    func attach(to outlet: NIOLoopBound<ConnectionHandler>) { state.withLock { $0.outlet = outlet } }

    /// What to write next.
    func take() -> StreamBuffer.Take {
        state.withLock { state in
            state.isCalled = false
            return state.buffer.take()
        }
    }

    /// Whether the client takes what is written.
    func noteProgress(_ isTaking: Bool) {
        state.withLock { state in state.stalledSince = isTaking ? nil : state.stalledSince ?? .now }
    }

    /// The connection writes nothing more; to be called once.
    func ended() {
        state.withLock { state in
            state.buffer.abort()
            state.outlet = nil
        }
        onEnd(self)
    }

    @discardableResult
    private func change<Result>(_ body: (inout StreamBuffer) -> Result) -> Result {
        let (result, outlet) = state.withLock { state -> (Result, NIOLoopBound<ConnectionHandler>?) in
            let result = body(&state.buffer)
            guard !state.buffer.isIdle, !state.isCalled, let outlet = state.outlet else { return (result, nil) }
            state.isCalled = true
            return (result, outlet)
        }
        if let outlet { channel.eventLoop.execute { outlet.value.writeStream() } }
        return result
    }
}
