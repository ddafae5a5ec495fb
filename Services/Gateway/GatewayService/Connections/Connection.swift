import NIOCore
import Synchronization

/// What a request may know of the connection that it came by, and do with it.
final class Connection: Sendable {
    let channel: any Channel
    /// The address of the other end; empty if it has none.
    let peer: String
    private let stream = Mutex<LiveStream?>(nil)

    init(channel: any Channel) {
        self.channel = channel
        peer = channel.remoteAddress?.ipAddress ?? ""
    }

    /// The rest of the answer that is being written is this stream, and the connection's last.
    func hand(over stream: LiveStream) { self.stream.withLock { $0 = stream } }

    /// The stream that was handed over, once.
    func takeStream() -> LiveStream? { stream.withLock { $0.take() } }
}
