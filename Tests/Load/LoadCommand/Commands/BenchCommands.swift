import ArgumentParser
import Foundation

/// The standard set.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Starts a fresh stack of its own and measures the standard set, the limit program beside it.")

    @Option(help: "How often everything is measured.")
    var rounds = 3
    @Option(help: "Measured seconds of each run.")
    var seconds = 10.0
    @Option(help: "Idle streams.")
    var streams = 2000
    @Option(parsing: .upToNextOption, help: "Members of the groups.")
    var groups = [3, 100]
    @OptionGroup var output: BenchOutput

    func validate() throws {
        guard rounds >= 1, seconds >= 1, streams >= 1 else { throw ValidationError("everything has to be at least 1") }
        try GroupBench.check(sizes: groups)
    }

    func run() async throws {
        var report = try await Bench(rounds: rounds, seconds: seconds, idleStreams: streams).run()
        report.groups = try await GroupBench(sizes: groups, senders: 8, seconds: seconds).run()
        report.long = try? output.read()?.long
        try output.finish(report)
    }
}

/// The rest.
struct BenchLongCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-long",
        abstract: "On fresh stacks of its own: 10,000 streams, a storm, history, lists, growth.")

    @Option(help: "Idle streams.")
    var streams = 10_000
    @Option(help: "Streams that are cut at once.")
    var stormStreams = 5_000
    @Option(help: "Messages in the database at most.")
    var largest = 10_000_000
    @Option(help: "Minutes that filling the database may take.")
    var fillMinutes = 10
    @Option(help: "Messages that go through the front door while the messages service's memory is watched.")
    var soak = 1_000_000
    @OptionGroup var output: BenchOutput

    func validate() throws {
        guard streams >= stormStreams, stormStreams >= 2, largest >= 10_000, fillMinutes >= 1, soak >= 1 else {
            throw ValidationError("--streams: at least as many as --storm-streams; --largest: at least 10000")
        }
    }

    func run() async throws {
        let report = try await LongBench(
            streams: streams, stormStreams: stormStreams, largest: largest, fillLimit: .seconds(60 * fillMinutes),
            soakMessages: soak
        ).run(addingTo: (try? output.read()) ?? BenchReport(machine: .current()))
        try output.finish(report)
    }
}

/// Where the results of both are kept together.
struct BenchOutput: ParsableArguments {
    @Option(
        help: "The file that both write their results to; .martlet/bench.json in the checkout unless given.",
        transform: { URL(filePath: $0) })
    var json: URL?

    private var file: URL {
        get throws {
            guard let file = json ?? BenchReport.standardFile else {
                throw LoadError("no checkout around the working folder: give --json")
            }
            return file
        }
    }

    func read() throws -> BenchReport? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try JSONDecoder().decode(BenchReport.self, from: data)
    }

    func finish(_ report: BenchReport) throws {
        let file = try file
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(report).write(to: file)
        print(BenchTable(report).text)
        if let failure = report.failures.first { throw LoadError(failure) }
    }
}

/// The table of a run, as Markdown.
struct TableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Prints the table of what was measured, as Markdown.")

    @Argument(help: "The file that `bench` and `bench-long` have written.", transform: { URL(filePath: $0) })
    var file: URL

    func run() async throws {
        print(BenchTable(try JSONDecoder().decode(BenchReport.self, from: Data(contentsOf: file))).text)
    }
}
