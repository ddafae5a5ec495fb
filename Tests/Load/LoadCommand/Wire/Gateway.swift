import Foundation
import NIOCore
import NIOPosix

/// A gateway's address, and how to connect to it with bare channels.
struct Gateway: Sendable {
    let host: String
    let port: Int

    init(_ address: String) throws(LoadError) {
        guard let url = URL(string: address), url.scheme == "http", let host = url.host() else {
            throw LoadError("--gateway has to be an address such as http://127.0.0.1:8080, not \(address)")
        }
        self.host = host
        port = url.port ?? 80
    }

    var address: String { "http://\(host):\(port)" }

    /// Opens a connection on the loop.
    func connect(
        on loop: any EventLoop, handler: @escaping @Sendable () -> some ChannelInboundHandler
    ) async throws -> any Channel {
        try await ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            // What one read leaves is reported again; a second read that finds nothing would cost a system call each.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 65_536)
            )
            .connectTimeout(.seconds(30))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
            .connect(host: host, port: port).get()
    }

    /// The bytes of a request as a browser sends it to its own page's server.
    func request(_ method: String, _ path: String, cookie: String, accept: String = "*/*", json: [UInt8]? = nil)
        -> ByteBuffer
    {
        var buffer = ByteBuffer()
        buffer.writeString(
            "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nAccept: \(accept)\r\nCookie: \(cookie)\r\n"
                + "Sec-Fetch-Site: same-origin\r\n")
        if let json {
            buffer.writeString("Content-Type: application/json\r\nContent-Length: \(json.count)\r\n")
            buffer.writeString("\r\n")
            buffer.writeBytes(json)
        } else {
            buffer.writeString("\r\n")
        }
        return buffer
    }
}

/// Why a run cannot go on, or what it found wrong.
public struct LoadError: Error, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }

    /// What to do about an answer that the gateway's limits explain, to be added to its error; else empty.
    static func hint(status: Int, setting: String) -> String {
        status == 429 ? "; the gateway has to run with higher limits, such as \(setting)" : ""
    }
}
