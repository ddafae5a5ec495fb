import ArgumentParser
import Foundation

extension GroupBench {
    static func check(sizes: [Int]) throws {
        guard sizes.allSatisfy({ (2...1_000).contains($0) }) else {
            throw ValidationError("a group has 2 to 1000 members")
        }
    }
}

/// Groups of several sizes.
struct BenchGroups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-groups",
        abstract: "Starts a fresh stack with two gateways and measures groups; every member has a live stream.")

    @Option(parsing: .upToNextOption, help: "Members of each group.")
    var members = [3, 100, 1_000]
    @Option(help: "Members who write, each with one message in flight.")
    var senders = 8
    @Option(help: "Measured seconds of each run.")
    var seconds = 10.0
    @Option(help: "Writes the results to this file as JSON.", transform: { URL(filePath: $0) })
    var json: URL?

    func validate() throws {
        guard senders >= 1, seconds >= 1 else { throw ValidationError("--senders and --seconds: at least 1") }
        try GroupBench.check(sizes: members)
    }

    func run() async throws {
        let reports = try await GroupBench(sizes: members, senders: senders, seconds: seconds).run()
        print(GroupReport.table(reports))
        if let json { try JSONEncoder().encode(reports).write(to: json) }
        if let failure = reports.compactMap(\.run.failure).first { throw LoadError(failure) }
    }
}
