import ChatContracts
import Hummingbird
import NIOCore
import Synchronization

/// One open `text/event-stream`. Frames come in from anywhere; the one task that serves the request writes them out and
/// sleeps in between: nothing else runs for an idle stream.
final class LiveStream: Sendable {
    let user: UserID
    let session: SessionKey
    private let channel: any Channel
    private let state: Mutex<State>

    private struct State {
        var buffer: StreamBuffer
        var waiter: CheckedContinuation<Void, Never>?
        /// When the write that is in progress began.
        var writingSince: ContinuousClock.Instant?
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

    /// Whether a write has been waiting for the client for this long.
    func isStalled(for limit: Duration, now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in state.writingSince.map { now - $0 >= limit } ?? false }
    }

    /// Writes frames until the stream ends or the client is gone.
    @concurrent
    func serve(_ writer: inout any ResponseBodyWriter) async throws {
        channel.closeFuture.whenComplete { [weak self] _ in self?.change { $0.abort() } }
        while let frames = await next() {
            try await writer.write(contentsOf: frames)
        }
    }

    private func next() async -> [ByteBuffer]? {
        while true {
            let take = state.withLock { state in
                let take = state.buffer.take()
                state.writingSince = if case .frames = take { .now } else { nil }
                return take
            }
            switch take {
            case .frames(let frames): return frames
            case .end: return nil
            case .wait: await wait()
            }
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.buffer.isIdle else { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            change { $0.abort() }
        }
    }

    @discardableResult
    private func change<Result>(_ body: (inout StreamBuffer) -> Result) -> Result {
        let (result, waiter) = state.withLock { state in
            let result = body(&state.buffer)
            guard !state.buffer.isIdle else {
                return (result, CheckedContinuation<Void, Never>?.none)
            }
            defer { state.waiter = nil }
            return (result, state.waiter)
        }
        waiter?.resume()
        return result
    }
}
