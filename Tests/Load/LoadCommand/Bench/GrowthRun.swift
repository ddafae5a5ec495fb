import Foundation

/// What a message costs with so many in the database.
struct GrowthRun: Sendable {
    var gateway: Gateway
    var stack: StackProcesses
    var people: People
    var preparation: Preparation
    var senders = 256
    var rounds = 3
    var progress: Progress

    /// Fills the database directly up to the number.
    static func fill(_ stack: StackProcesses, to size: Int, progress: Progress) async throws {
        try await stack.withStorage { try await $0.fill(total: size, progress: progress) }
    }

    func run(_ size: Int) async throws -> LongReport.Growth {
        var runs: [RunReport] = []
        for _ in 0..<rounds {
            runs.append(
                try await TrafficRun(
                    gateway: gateway, stack: stack, people: try await preparation.refreshed(people),
                    pace: .closed(senders: senders), duration: .seconds(5), progress: progress
                ).run())
        }
        let stored = try await stack.withStorage { try await $0.size() }
        return .init(messages: size, isFilledDirectly: true, runs: runs, storage: stored)
    }
}
