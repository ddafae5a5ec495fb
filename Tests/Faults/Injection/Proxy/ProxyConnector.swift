import NIOCore
import NIOPosix

/// Meets a client of a proxy and connects it to the other end.
struct ProxyConnector {
    let upstream: ProxyAddress
    let ledger: ProxyLedger
    let connections: ProxyConnections

    /// Runs on the client's event loop, before the client is heard.
    func accept(_ client: any Channel) throws {
        let clientSide = ProxySide(.requests)
        // Not before the client's channel is active: the other end could be there sooner, and a channel that cannot be
        // used yet looks like one that is gone.
        clientSide.whenActive = { [self, unowned clientSide] client in meet(client, clientSide) }
        try client.pipeline.syncOperations.addHandler(clientSide)
    }

    private func meet(_ client: any Channel, _ clientSide: ProxySide) {
        guard !ledger.conditions.refuses else {
            ledger.note { $0.refused += 1 }
            client.closeWithReset()
            return
        }
        ledger.note { $0.connections += 1 }
        let boundClientSide = NIOLoopBound(clientSide, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .connectTimeout(.seconds(3))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(ProxySide(.answers))
                }
            }
            .connect(host: upstream.host, port: upstream.port)
            .whenComplete { result in
                switch result {
                case .success(let server): join(client, boundClientSide.value, server)
                case .failure:
                    ledger.note { $0.unreachable += 1 }
                    client.closeWithReset()
                }
            }
    }

    private func join(_ client: any Channel, _ clientSide: ProxySide, _ server: any Channel) {
        guard client.isActive, let serverSide = try? server.pipeline.syncOperations.handler(type: ProxySide.self) else {
            server.closeWithReset()
            client.closeWithReset()
            return
        }
        let connection = ProxiedConnection(
            client: client, server: server, conditions: ledger.conditions, ledger: ledger)
        let number = connections.add(NIOLoopBound(connection, eventLoop: client.eventLoop))
        connection.whenEnded = { [connections] in connections.remove(number) }
        connection.begin()
        clientSide.join(connection)
        serverSide.join(connection)
    }
}
