import NIOCore
import NIOPosix

/// A live stream on a bare connection, for clients that are worse than any HTTP library lets them be: one that reads a
/// byte a second, and one that looks at nothing.
enum RawStream {
    enum Manner: Sendable {
        /// Takes as little as possible from the network, a byte each second.
        case slow
        /// Reads and throws away.
        case idle
    }

    /// Holds a stream until the gateway ends it or the task is cancelled.
    ///
    /// - Returns: the bytes that were read.
    @discardableResult
    static func hold(
        _ manner: Manner, at gateway: WorkloadConfiguration.Gateway, cookie: String, group: any EventLoopGroup,
        connectTimeout: TimeAmount
    ) async throws -> Int {
        guard let target = Target(gateway.address) else { return 0 }
        var bootstrap = ClientBootstrap(group: group).connectTimeout(connectTimeout)
        if case .slow = manner {
            bootstrap =
                bootstrap
                .channelOption(.autoRead, value: false)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1))
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(.socketOption(.so_rcvbuf), value: 2_048)
        }
        let channel = try await bootstrap.connect(host: target.host, port: target.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(
                        backPressureStrategy: .init(lowWatermark: 1, highWatermark: manner == .slow ? 2 : 64)))
            }
        }
        let head =
            "GET /api/v1/events HTTP/1.1\r\nHost: \(target.host):\(target.port)\r\nCookie: \(cookie)\r\n"
            + "Sec-Fetch-Site: same-origin\r\nAccept: text/event-stream\r\n\r\n"
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: head))
            var read = 0
            if manner == .slow { channel.channel.read() }
            for try await bytes in inbound {
                read += bytes.readableBytes
                guard manner == .slow else { continue }
                try await Task.sleep(for: .seconds(1))
                channel.channel.read()
            }
            return read
        }
    }

    /// Host and port of `http://host:port`.
    private struct Target {
        var host: String
        var port: Int

        init?(_ address: String) {
            let authority = address.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
            guard let colon = authority.lastIndex(of: ":"), let port = Int(authority[authority.index(after: colon)...])
            else { return nil }
            host = String(authority[..<colon])
            self.port = port
        }
    }
}
