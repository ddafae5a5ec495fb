import Foundation
import NIOCore
import NIOPosix

/// One run of messages: connects, warms up, measures, waits for what is under way, disconnects.
struct TrafficRun: Sendable {
    var gateway: Gateway
    /// Further ones, which people use in turn with the first.
    var others: [Gateway] = []
    var stack: StackProcesses
    var people: People
    var pace: Traffic.Pace
    var warmup: Duration = .seconds(2)
    var duration: Duration = .seconds(10)
    var textLength = 100
    var progress: Progress

    func run() async throws -> RunReport { try await withTraffic { try await measure($0) } }

    /// Gives a connected traffic to the body, and ends it afterwards in any case.
    func withTraffic<Value: Sendable>(_ body: (Traffic) async throws -> Value) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let traffic = Traffic(
            gateways: [gateway] + others, people: people, pace: pace, textLength: textLength, loop: group.next())
        do {
            try await traffic.connect()
            let value = try await body(traffic)
            await traffic.disconnect()
            try await group.shutdownGracefully()
            return value
        } catch {
            await traffic.disconnect()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func measure(_ traffic: Traffic) async throws -> RunReport {
        let begin = now() + warmup.nanoseconds
        let end = begin + duration.nanoseconds
        await traffic.measure(from: begin, to: end)
        await traffic.start()
        try await progress.watch(traffic, until: begin)
        let metricsBefore = await BatchUse.read(stack.messages)
        let before = stack.cpu()
        let measuredFrom = now()
        try await progress.watch(traffic, until: end)
        let after = stack.cpu()
        let measuredSeconds = Double(now() - measuredFrom) / 1e9
        let memory = stack.memory()
        let batches = BatchUse(from: metricsBefore, to: await BatchUse.read(stack.messages))
        await traffic.stop()
        try await traffic.drain(within: .seconds(10))
        let result = await traffic.result()
        return RunReport(
            traffic: result, cpuSeconds: after.merging(before) { max(0, $0 - $1) }, cpuWindow: measuredSeconds,
            memoryBytes: memory, batches: batches)
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
