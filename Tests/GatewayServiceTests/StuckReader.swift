import NIOCore
import NIOPosix

/// A client that opens a live stream and then reads nothing.
struct StuckReader {
    private let channel: any Channel

    static func open(port: Int, token: String) async throws -> StuckReader {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
            .connect(host: "127.0.0.1", port: port).get()
        let request = """
            GET /api/v1/events HTTP/1.1\r
            Host: localhost\r
            Cookie: martlet=\(token)\r
            \r

            """
        try await channel.writeAndFlush(ByteBuffer(string: request))
        return StuckReader(channel: channel)
    }

    func close() async throws { try? await channel.close() }
}
