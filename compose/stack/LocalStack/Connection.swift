import NIOCore
import NIOPosix

/// Connections that only ask whether somebody is there.
enum Connection {
    static func isAccepted(host: String, port: Int, within limit: TimeAmount = .milliseconds(500)) async -> Bool {
        await isAccepted(within: limit) { $0.connect(host: host, port: port) }
    }

    static func isAccepted(socket path: String, within limit: TimeAmount = .milliseconds(500)) async -> Bool {
        await isAccepted(within: limit) { $0.connect(unixDomainSocketPath: path) }
    }

    private static func isAccepted(
        within limit: TimeAmount, _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) async -> Bool {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(limit)
        let channel = try? await connect(bootstrap).get()
        guard let channel else { return false }
        try? await channel.close()
        return true
    }
}
