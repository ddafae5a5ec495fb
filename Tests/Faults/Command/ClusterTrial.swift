import FaultCluster
import FaultHistory
import Foundation
import LocalStack
import NIOCore
import NIOPosix

/// Breaks and mends a cluster once in every way that it offers, and sees that each has the effect that it is to have.
/// What tests others has to be tested itself.
struct ClusterTrial {
    /// Something did not have the effect that it is to have.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let cluster: Cluster
    let report: @Sendable (String) -> Void

    func run() async throws {
        try await step("a cut is silent, goes one way, and heals") { try await cuts() }
        try await step("a broker that is cut off pauses, and comes back by itself") { try await brokerPartition() }
        try await step("a diversion leads to this process, and ends") { try await diversion() }
        try await step("the primary steps down and another takes over") { try await election() }
        try await step("a killed node is gone and comes back") { try await killing() }
        try await step("a paused node does not answer until it is resumed") { try await pausing() }
        try await step("a full disk and too little memory raise alarms that go away again") { try await alarms() }
        if cluster.options.canSetClocks {
            try await step("a clock is set and set back") { try await clocks() }
        }
        try await step("numbers of all parts and the final state can be read") { try await numbers() }
    }

    private func step(_ name: String, _ body: () async throws -> Void) async throws {
        let begin = ContinuousClock.now
        do {
            try await body()
        } catch {
            throw Failure(description: "\(name): no: \(error)")
        }
        report("\(name): yes, in \(ContinuousClock.now - begin)")
    }

    private func cuts() async throws {
        try check(await cluster.isReady(.g1), "g1 does not answer before the cut")
        try await cluster.network.cut(from: .g1, to: .driver)
        try check(await !cluster.isReady(.g1), "g1 answers in spite of the cut")
        try check(await cluster.isReady(.g2), "g2 does not answer, but only g1 is cut off")
        try await cluster.network.heal()
        try await cluster.waitUntilHealthy(within: .seconds(30))
        try await cluster.network.cut(from: .driver, to: .g1)
        try check(await !cluster.isReady(.g1), "g1 answers in spite of the other cut")
        try await cluster.network.heal(between: .g1, and: .driver)
        try await cluster.waitUntilHealthy(within: .seconds(30))
    }

    private func brokerPartition() async throws {
        try await cluster.network.split([[.r1], [.r2, .r3]])
        try await eventually(within: .seconds(60), "the others do not miss r1") {
            await cluster.ailment()?.contains(Node.r1.address) ?? false
        }
        try await cluster.network.heal()
        try await cluster.waitUntilHealthy(within: .seconds(90))
    }

    private func diversion() async throws {
        let greeting = "diverted\n"
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Greeter(greeting: greeting))
                }
            }
            .bind(host: Node.r1.address, port: Node.r1.port).get()
        let ask = { [cluster] in try await Self.firstLine(from: .s1, to: .r1, folder: cluster.options.folder) }
        try await cluster.network.divert(from: .s1, to: .r1)
        try check(try await ask() == greeting, "s1 does not reach the proxy")
        try await cluster.network.endDiversions()
        try check(try await ask() != greeting, "s1 still reaches the proxy")
        try await server.close()
        try await cluster.waitUntilHealthy(within: .seconds(30))
    }

    private func election() async throws {
        let first = await cluster.primary()
        try await cluster.stepDown()
        try await eventually(within: .seconds(20), "nobody took over from \(first?.name ?? "nobody")") {
            let now = await cluster.primary()
            return now != nil && now != first
        }
    }

    private func killing() async throws {
        guard let leader = try await cluster.leader(ofQueue: "messages.commands.0") else {
            throw Failure(description: "messages.commands.0 has no leader")
        }
        let victims = [leader, .s1, .m1]
        await cluster.kill(victims)
        for victim in victims { try check(await !cluster.isRunning(victim), "\(victim) still runs") }
        try await eventually(within: .seconds(30), "no other broker leads") {
            let now = try? await cluster.leader(ofQueue: "messages.commands.0")
            return now.map { $0 != leader } ?? false
        }
        try await cluster.start(victims)
        try await cluster.waitUntilHealthy()
    }

    private func pausing() async throws {
        await cluster.pause(.u1)
        try check(await cluster.isRunning(.u1), "a paused node counts as gone")
        try check(await !cluster.isReady(.u1), "u1 answers though it is paused")
        await cluster.resume(.u1)
        try await cluster.waitUntilHealthy()
    }

    private func alarms() async throws {
        try await cluster.fill(.r2, leaving: 10 << 20)
        try await eventually(within: .seconds(60), "no disk alarm") {
            await cluster.ailment()?.contains("disk alarm") ?? false
        }
        try await cluster.unfill(.r2)
        try await cluster.waitUntilHealthy()
        try await cluster.setMemoryAlarm(true, of: .r3)
        try await eventually(within: .seconds(30), "no memory alarm") {
            await cluster.ailment()?.contains("memory alarm") ?? false
        }
        try await cluster.setMemoryAlarm(false, of: .r3)
        try await cluster.waitUntilHealthy()
    }

    private func clocks() async throws {
        for hours in [1, -1] {
            try cluster.setClock(.seconds(3600 * hours), of: .g1)
            try await eventually(within: .seconds(10), "the clock of g1 is not \(hours) h off") {
                let offset = await offset(of: .g1)
                return abs(offset - Double(3600 * hours)) < 60
            }
        }
        try cluster.setClock(.zero, of: .g1)
        try await eventually(within: .seconds(10), "the clock of g1 is not right again") {
            await abs(offset(of: .g1)) < 60
        }
        try await cluster.waitUntilHealthy()
    }

    private func numbers() async throws {
        let measurements = await cluster.measurements(within: .seconds(5))
        let sources = Set(measurements.map(\.source))
        let expected = Set(Node.all.map(\.name) + ["cluster"])
        try check(sources == expected, "no numbers of \(expected.subtracting(sources).sorted())")
        for measurement in measurements {
            try check(!measurement.values.isEmpty, "the numbers of \(measurement.source) are empty")
        }
        let names = [
            "m1": "opcounters.insert", "r1": "rabbitmq_global_messages_redelivered_total", "cluster": "database.term",
            "g1": "process_resident_memory_bytes",
        ]
        for (source, name) in names {
            let values = measurements.first { $0.source == source }?.values ?? [:]
            try check(values[name] != nil, "\(source) does not say \(name), only \(values.keys.sorted())")
        }
        let state = try await cluster.finalState()
        try check(state.deadLetters.isEmpty, "there are dead letters")
        try check(state.queues.count >= 14, "there are only \(state.queues.count) queues")
        try check(await cluster.waitUntilDrained(within: .seconds(20)), "the queues do not drain")
    }

    /// What a server says first to a client in the network of a node.
    private static func firstLine(from node: Node, to target: Node, folder: URL) async throws -> String {
        let output = folder.appending(path: "logs/trial-\(RandomName.make()).log")
        // RabbitMQ waits for the client's header, and answers a wrong one with its own.
        let script =
            "exec 3<>/dev/tcp/\(target.address)/\(target.port); printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -c 9 <&3"
        let child = try await ChildProcess.start(
            .init(
                "/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], log: output,
                entry: ClusterNetwork.location(of: node).entry))
        let limit = Task {
            try await Task.sleep(for: .seconds(10))
            await child.kill()
        }
        defer { limit.cancel() }
        _ = await child.waitForEnd()
        return String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
    }

    /// How far the clock of a service is ahead, by the time of its newest log line.
    private func offset(of node: Node) async -> Double {
        _ = await cluster.isReady(node)
        guard let date = await cluster.date(of: node) else { return .nan }
        return date.timeIntervalSinceNow
    }

    private func check(_ isSo: Bool, _ problem: @autoclosure () -> String) throws {
        if !isSo { throw Failure(description: problem()) }
    }

    private func eventually(
        within limit: Duration, _ problem: String, _ isSo: () async -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while await !isSo() {
            guard ContinuousClock.now < end else { throw Failure(description: problem) }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// Says one thing to every client.
private final class Greeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: String

    init(greeting: String) {
        self.greeting = greeting
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: greeting)), promise: nil)
        context.fireChannelActive()
    }
}
