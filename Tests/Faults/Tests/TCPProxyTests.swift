import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import FaultInjection

@Suite("The proxy that spoils connections", .timeLimit(.minutes(5)))
struct TCPProxyTests {
    private typealias Wire = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Answers everything with itself and counts what it was asked.
    private final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let heard: EchoCount

        init(_ heard: EchoCount) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard.bytes.withLock { $0 += unwrapInboundIn(data).readableBytes }
            context.writeAndFlush(data, promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private final class EchoCount: Sendable {
        let bytes = Mutex(0)
    }

    private func withProxy(_ body: (TCPProxy, EchoCount) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let count = EchoCount()
        let echo = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Echo(count))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = try await TCPProxy.listen(
            at: ProxyAddress(host: "127.0.0.1", port: 0),
            for: ProxyAddress(host: "127.0.0.1", port: try #require(echo.localAddress?.port)), on: group)
        do { try await body(proxy, count) } catch {
            await proxy.stop()
            try? await echo.close()
            throw error
        }
        await proxy.stop()
        try? await echo.close()
    }

    private func connect(_ proxy: TCPProxy) async throws -> Wire {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: proxy.address.host, port: proxy.address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Wire(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }

    /// Says something and collects what comes back until that many bytes are there or the connection ends.
    private func exchange(_ text: String, expecting length: Int, over wire: Wire) async throws -> String {
        try await wire.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            do {
                for try await piece in inbound {
                    answer += String(buffer: piece)
                    if answer.utf8.count >= length { break }
                }
            } catch is IOError {
                answer += "!"
            }
            return answer
        }
    }

    @Test func `It is a detour and nothing more as long as it is told nothing`() async throws {
        try await withProxy { proxy, _ in
            let answer = try await exchange("hello", expecting: 5, over: connect(proxy))
            #expect(answer == "hello")
            #expect(proxy.counts.requestBytes == 5)
            #expect(proxy.counts.answerBytes == 5)
            #expect(proxy.counts.interferences == 0)
        }
    }

    @Test func `A large text passes unchanged`() async throws {
        try await withProxy { proxy, _ in
            let text = String(repeating: "0123456789", count: 300_000)
            let answer = try await exchange(text, expecting: text.utf8.count, over: connect(proxy))
            #expect(answer == text)
        }
    }

    @Test func `Latency in both directions adds up`() async throws {
        try await withProxy { proxy, _ in
            let slow = Toxics(latency: .milliseconds(60))
            proxy.set(ProxyConditions(requests: slow, answers: slow))
            let wire = try await connect(proxy)
            let start = ContinuousClock.now
            let answer = try await exchange("ping", expecting: 4, over: wire)
            #expect(answer == "ping")
            #expect(ContinuousClock.now - start >= .milliseconds(120))
            #expect(proxy.counts.delayed == 2)
        }
    }

    @Test func `The asked hears the question, the asker never hears the answer`() async throws {
        try await withProxy { proxy, heard in
            proxy.set(ProxyConditions(answers: Toxics(ending: .init(.cut, after: 0...0))))
            let answer = try await exchange("commit", expecting: 6, over: connect(proxy))
            #expect(answer == "")
            #expect(heard.bytes.withLock { $0 } == 6)
            #expect(proxy.counts.cuts == 1)
            #expect(proxy.counts.lostBytes == 6)
        }
    }

    @Test func `A reset in the middle of an answer reaches the asker as a reset`() async throws {
        try await withProxy { proxy, _ in
            proxy.set(ProxyConditions(answers: Toxics(ending: .init(.reset, after: 3...3))))
            let answer = try await exchange("answer", expecting: 6, over: connect(proxy))
            #expect(answer == "ans!" || answer == "!")
            #expect(proxy.counts.resets == 1)
        }
    }

    @Test func `Whoever is refused is reset, and let in once that is over`() async throws {
        try await withProxy { proxy, _ in
            proxy.set(.refusing)
            let answer = try? await exchange("knock", expecting: 5, over: connect(proxy))
            #expect(answer == nil || answer == "!" || answer == "")
            #expect(proxy.counts.refused == 1)
            proxy.set(.none)
            let readmitted = try await exchange("knock", expecting: 5, over: connect(proxy))
            #expect(readmitted == "knock")
        }
    }

    @Test func `What stalls in an open connection goes on when the proxy is told so`() async throws {
        try await withProxy { proxy, _ in
            proxy.set(ProxyConditions(answers: Toxics(ending: .init(.stall, after: 0...0))))
            let wire = try await connect(proxy)
            async let answer = exchange("wait", expecting: 4, over: wire)
            while proxy.counts.stalls == 0 { await Task.yield() }
            proxy.set(.none)
            let heard = try await answer
            #expect(heard == "wait")
        }
    }

    @Test func `The end that one side announces is announced to the other, and answers still come`() async throws {
        try await withProxy { proxy, _ in
            let wire = try await connect(proxy)
            let answer = try await wire.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "last words"))
                outbound.finish()
                var answer = ""
                for try await piece in inbound { answer += String(buffer: piece) }
                return answer
            }
            #expect(answer == "last words")
            while proxy.openConnections > 0 { await Task.yield() }
        }
    }

    @Test func `All open connections can be reset at once`() async throws {
        try await withProxy { proxy, _ in
            let wire = try await connect(proxy)
            let answer = try await wire.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "x"))
                var heard = 0
                do {
                    for try await piece in inbound {
                        heard += piece.readableBytes
                        proxy.resetConnections()
                    }
                    return "ended"
                } catch is IOError {
                    return "reset after \(heard)"
                }
            }
            #expect(answer == "reset after 1")
        }
    }
}
