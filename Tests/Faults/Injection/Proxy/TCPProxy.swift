public import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy that can be told to spoil what passes it. Without toxics it is only a detour.
public final class TCPProxy: Sendable {
    private let ledger: ProxyLedger
    private let listener: any Channel
    private let connections: ProxyConnections

    /// Where clients of the proxy connect to.
    public let address: ProxyAddress

    private init(listener: any Channel, address: ProxyAddress, ledger: ProxyLedger, connections: ProxyConnections) {
        self.listener = listener
        self.address = address
        self.ledger = ledger
        self.connections = connections
    }

    /// Begins to listen.
    ///
    /// With `transparent` the address need not be one of this machine: the kernel has to be told by a routing rule
    /// which packets end here.
    public static func listen(
        at address: ProxyAddress, for upstream: ProxyAddress, transparent: Bool = false, on group: any EventLoopGroup
    ) async throws -> TCPProxy {
        let ledger = ProxyLedger()
        let connections = ProxyConnections()
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture {
                    try ProxyConnector(upstream: upstream, ledger: ledger, connections: connections).accept(client)
                }
            }
        if transparent {
            let option = ChannelOptions.Types.SocketOption(level: .ip, name: .transparent)
            bootstrap = bootstrap.serverChannelOption(option, value: 1)
        }
        let listener = try await bootstrap.bind(host: address.host, port: address.port).get()
        let port = listener.localAddress?.port ?? address.port
        return TCPProxy(
            listener: listener, address: ProxyAddress(host: address.host, port: port), ledger: ledger,
            connections: connections)
    }

    /// What the proxy does from now on, to connections that exist as to those that come.
    public func set(_ conditions: ProxyConditions) {
        ledger.conditions = conditions
        connections.change(to: conditions)
    }

    /// What it has done so far.
    public var counts: ProxyCounts { ledger.counts }

    /// How many connections are open.
    public var openConnections: Int { connections.count }

    /// Resets every connection that is open.
    public func resetConnections() { connections.breakAll() }

    /// Ends it and every connection through it.
    public func stop() async {
        try? await listener.close()
        connections.breakAll()
    }
}

extension NIOBSDSocket.Option {
    /// `IP_TRANSPARENT` of Linux, which NIO does not name: listen at an address that is somebody else's.
    fileprivate static let transparent = NIOBSDSocket.Option(rawValue: 19)
}
