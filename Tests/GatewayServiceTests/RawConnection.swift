import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A TCP connection on which a test says exactly what it wants, and sees every byte that comes back.
final class RawConnection: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var text = ""
        var isOver = false
    }

    private let state = Mutex(State())
    private let opened = Mutex<(any Channel)?>(nil)

    /// - Parameter receiveBuffer: Bytes that the kernel keeps for it; its own choice if nil.
    static func open(port: Int, receiveBuffer: Int? = nil) async throws -> RawConnection {
        let connection = RawConnection()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        let channel =
            try await bootstrap
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        connection.opened.withLock { $0 = channel }
        return connection
    }

    var text: String { state.withLock { $0.text } }
    /// Whether the server has said that nothing more comes.
    var isOver: Bool { state.withLock { $0.isOver } }
    /// The statuses that came, in their order. One answer begins where the body of another ends.
    var statuses: [String] { text.matches(of: /HTTP\/1\.1 (\d{3})/).map { String($0.output.1) } }

    private var channel: any Channel {
        get throws {
            guard let channel = opened.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
            return channel
        }
    }

    /// Whether anything is read from now on.
    func read(_ isReading: Bool) async throws { try await channel.setOption(.autoRead, value: isReading).get() }

    /// Says it for as long as it takes; nobody waits.
    func begin(saying text: String) { try? channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func say(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }

    /// Says that nothing more comes from here.
    func finish() async throws { try await channel.close(mode: .output).get() }

    func close() async throws { try? await channel.close().get() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        state.withLock { $0.text += String(buffer: buffer) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { state.withLock { $0.isOver = true } }
    }

    func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isOver = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
