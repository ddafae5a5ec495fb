import ChatContracts
import NIOCore
import Synchronization

/// One open `text/event-stream`. Frames come in from anywhere and are written on the connection's event loop, all that
/// wait in one go. The task that serves the request sleeps until the end: nothing runs for an idle stream.
final class LiveStream: Sendable {
    let user: UserID
    let session: SessionKey
    private let channel: any Channel
    private let state: Mutex<State>

    private struct State {
        var buffer: StreamBuffer
        /// The connection, while the stream is being served.
        var outlet: NIOLoopBound<ConnectionGuard>?
        /// Whether the event loop knows that something waits.
        var isCalled = false
        /// Since when the client takes nothing.
        var stalledSince: ContinuousClock.Instant?
        var waiter: CheckedContinuation<Void, Never>?
    }

    init(user: UserID, session: SessionKey, channel: any Channel, limits: StreamBuffer.Limits) {
        self.user = user
        self.session = session
        self.channel = channel
        state = Mutex(State(buffer: StreamBuffer(limits: limits)))
    }

    @discardableResult
    func offer(_ frame: ByteBuffer) -> StreamBuffer.Offer { change { $0.offer(frame) } }

    /// A comment, unless something is about to be written anyway.
    func offerSignOfLife() { change { if $0.isEmpty { _ = $0.offer(EventFrame.alive) } } }

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

    /// Lets frames be written until the stream ends or the client is gone. The head of the answer has to be written.
    @concurrent
    func serve() async throws {
        channel.closeFuture.whenComplete { [weak self] _ in self?.change { $0.abort() } }
        let outlet = try await channel.eventLoop.submit { [channel] in
            let connection = try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self)
            connection.stream = self
            return NIOLoopBound(connection, eventLoop: channel.eventLoop)
        }.get()
        state.withLock { $0.outlet = outlet }
        change { _ in }
        await waitForEnd()
        state.withLock { $0.outlet = nil }
        channel.eventLoop.execute { outlet.value.stream = nil }
    }

    private func waitForEnd() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.buffer.isOver { state.waiter = continuation }
                    return state.buffer.isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            change { $0.abort() }
        }
    }

    // MARK: For the connection, on its event loop

    /// What to write next; nil if there is nothing.
    func takeFrames() -> [ByteBuffer]? {
        let (frames, waiter) = state.withLock { state -> ([ByteBuffer]?, CheckedContinuation<Void, Never>?) in
            state.isCalled = false
            switch state.buffer.take() {
            case .frames(let frames): return (frames, nil)
            case .wait: return (nil, nil)
            case .end: return (nil, state.waiter.take())
            }
        }
        waiter?.resume()
        return frames
    }

    /// Whether the client takes what is written.
    func noteProgress(_ isTaking: Bool) {
        state.withLock { state in state.stalledSince = isTaking ? nil : state.stalledSince ?? .now }
    }

    @discardableResult
    private func change<Result>(_ body: (inout StreamBuffer) -> Result) -> Result {
        let (result, outlet, waiter) = state.withLock { state in
            let result = body(&state.buffer)
            let waiter = state.buffer.isOver ? state.waiter.take() : nil
            guard !state.buffer.isIdle, !state.isCalled, let outlet = state.outlet else {
                return (result, NIOLoopBound<ConnectionGuard>?.none, waiter)
            }
            state.isCalled = true
            return (result, outlet, waiter)
        }
        waiter?.resume()
        if let outlet { channel.eventLoop.execute { outlet.value.writeStream() } }
        return result
    }
}
