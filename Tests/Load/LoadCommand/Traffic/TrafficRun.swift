import Foundation
import NIOCore
import NIOPosix

/// One measured run of messages: connects, warms up, measures, waits for what is under way, disconnects.
struct TrafficRun: Sendable {
    var gateway: Gateway
    var stack: StackProcesses
    var people: People
    var pace: Traffic.Pace
    var warmup: Duration = .seconds(2)
    var duration: Duration = .seconds(10)
    var textLength = 100
    var progress: Progress

    func run() async throws -> RunReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let report = try await run(on: group.next())
            try await group.shutdownGracefully()
            return report
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run(on loop: any EventLoop) async throws -> RunReport {
        let traffic = Traffic(gateway: gateway, people: people, pace: pace, textLength: textLength, loop: loop)
        do {
            let report = try await measure(traffic)
            await traffic.disconnect()
            return report
        } catch {
            await traffic.disconnect()
            throw error
        }
    }

    private func measure(_ traffic: Traffic) async throws -> RunReport {
        try await traffic.connect()
        let begin = now() + warmup.nanoseconds
        let end = begin + duration.nanoseconds
        await traffic.measure(from: begin, to: end)
        await traffic.start()
        try await progress.watch(traffic, until: begin)
        let before = stack.cpu()
        let measuredFrom = now()
        try await progress.watch(traffic, until: end)
        let after = stack.cpu()
        let measuredSeconds = Double(now() - measuredFrom) / 1e9
        let memory = stack.memory()
        await traffic.stop()
        try await traffic.drain(within: .seconds(10))
        let result = await traffic.result()
        return RunReport(
            traffic: result, cpuSeconds: after.merging(before) { max(0, $0 - $1) }, cpuWindow: measuredSeconds,
            memoryBytes: memory)
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
