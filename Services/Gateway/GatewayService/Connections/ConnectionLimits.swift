import Logging
import Metrics
import NIOCore

/// Bounds the connections of browsers, of all together and of each address. Beyond the first bound connections wait to be
/// accepted; beyond the second they are closed at once.
///
/// An address is counted with its networks (see ``NetworkPrefix``), of which the wider may have four times as many each.
/// Connections of trusted proxies are many people's, and count only together.
final class ConnectionLimits: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    /// Between two log lines about the same bound.
    private static let silence: TimeAmount = .seconds(60)

    private let capacity: ConnectionCapacity
    private let clientAddress: ClientAddress
    private let logger: Logger
    private let refused = Counter(label: "martlet_gateway_connections_refused")

    private var count = 0
    private var byPrefix: [NetworkPrefix: Int] = [:]
    private var owesRead = false
    private var toldFull: NIODeadline?
    private var toldRefusal: NIODeadline?

    init(capacity: ConnectionCapacity, clientAddress: ClientAddress, logger: Logger) {
        self.capacity = capacity
        self.clientAddress = clientAddress
        self.logger = logger
    }

    /// Puts one into the pipeline of the web server's listening channel.
    static func add(
        to listener: any Channel, capacity: ConnectionCapacity, clientAddress: ClientAddress, logger: Logger
    ) async throws {
        try await listener.eventLoop.submit {
            try listener.pipeline.syncOperations.addHandler(
                ConnectionLimits(capacity: capacity, clientAddress: clientAddress, logger: logger), position: .first)
        }.get()
    }

    func read(context: ChannelHandlerContext) {
        guard count >= capacity.connections else { return context.read() }
        owesRead = true
        if isTime(&toldFull) {
            logger.warning(
                "no more connections are accepted until others end; see http.maximumConnections",
                metadata: ["connections": "\(count)"])
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        let address = channel.remoteAddress?.ipAddress ?? ""
        let prefixes = clientAddress.isTrusted(address) ? [] : NetworkPrefix.around(address)
        guard hasRoom(for: prefixes) else {
            refused.increment()
            if isTime(&toldRefusal) {
                logger.warning(
                    """
                    connections of an address are refused, because it has too many; if it is a proxy, name it in \
                    http.trustedProxies, else see http.maximumConnectionsPerAddress
                    """, metadata: ["client.address": "\(address)", "limit": "\(capacity.perAddress)"])
            }
            channel.close(promise: nil)
            return
        }
        count += 1
        for prefix in prefixes { byPrefix[prefix, default: 0] += 1 }
        let me = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            me.value.handler.ended(prefixes, me.value.context)
        }
        context.fireChannelRead(data)
    }

    private func hasRoom(for prefixes: [NetworkPrefix]) -> Bool {
        var limit = capacity.perAddress
        for prefix in prefixes {
            if byPrefix[prefix, default: 0] >= limit { return false }
            limit *= 4
        }
        return true
    }

    private func ended(_ prefixes: [NetworkPrefix], _ context: ChannelHandlerContext) {
        count -= 1
        for prefix in prefixes {
            let left = byPrefix[prefix, default: 0] - 1
            byPrefix[prefix] = left > 0 ? left : nil
        }
        guard owesRead, count < capacity.connections else { return }
        owesRead = false
        context.read()
    }

    private func isTime(_ told: inout NIODeadline?) -> Bool {
        if let last = told, .now() - last < Self.silence { return false }
        told = .now()
        return true
    }
}

@available(*, unavailable)
extension ConnectionLimits: Sendable {}
