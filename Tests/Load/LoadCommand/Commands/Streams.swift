import ArgumentParser

/// Streams on which nothing happens.
struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "So many live streams on which nothing happens.")

    @Option(help: "Live streams, each of a person of its own.")
    var streams = 1000
    @Option(help: "Seconds that are measured, after five for settling.")
    var seconds = 20.0
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let address = try Gateway(gateway.gateway)
        let progress = Progress(label: "idle \(streams)")
        progress.say("signing up \(streams) people")
        let people = try await Preparation(gateway: address).signUp(streams)
        let report = try await IdleRun(
            gateway: address, stack: try .find(gateway.stack), people: people, duration: .seconds(seconds),
            progress: progress
        ).run()
        report.lines.forEach { print($0) }
        try gateway.write(report)
        if let failure = report.failure { throw LoadError(failure) }
    }
}

/// All streams cut at once.
struct Storm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cuts all live streams at once while messages are sent; each comes back and syncs as the page does.")

    @Option(help: "Live streams; each two of their people have a conversation.")
    var streams = 1000
    @Option(help: "Messages each second meanwhile.")
    var rate = 100.0
    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard streams >= 2, rate > 0 else { throw ValidationError("--streams: at least 2; --rate: above 0") }
    }

    func run() async throws {
        let address = try Gateway(gateway.gateway)
        let progress = Progress(label: "storm \(streams)")
        progress.say("signing up \(streams) people")
        let people = try await Preparation(gateway: address).people(streams)
        let report = try await StormRun(
            gateway: address, stack: try .find(gateway.stack), people: people, rate: rate, progress: progress
        ).run()
        report.lines.forEach { print($0) }
        try gateway.write(report)
        if let failure = report.failure { throw LoadError(failure) }
    }
}
