import NIOCore
import NIOPosix

/// Connections that only ask whether somebody is there.
enum Connection {
    static func isAccepted(host: String, port: Int, within limit: TimeAmount = .milliseconds(500)) async -> Bool {
        let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(limit)
            .connect(host: host, port: port).get()
        guard let channel else { return false }
        try? await channel.close()
        return true
    }
}
