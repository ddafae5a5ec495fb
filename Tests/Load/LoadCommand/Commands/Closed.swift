import ArgumentParser

/// Senders with one message in flight each.
struct Closed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "So many senders, each with one message in flight: what the stack can do at most.")

    @Option(help: "Senders at the same time.")
    var senders = 32
    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let users = traffic.users ?? max(100, 2 * senders)
        guard senders >= 1, senders <= users else {
            throw ValidationError("--senders: 1 to \(users), one for each user")
        }
        try await traffic.run(.closed(senders: senders), users: users, gateway: gateway, label: "closed \(senders)")
    }
}

/// A fixed rate.
struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "So many messages each second; latencies count from the moment each was to be sent at.")

    @Option(help: "Messages each second.")
    var rate = 500.0
    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        guard rate > 0, rate <= 100_000 else { throw ValidationError("--rate: up to 100000") }
        try await traffic.run(
            .open(perSecond: rate), users: traffic.users ?? 100, gateway: gateway, label: "open \(rate.text(0))/s")
    }
}

extension TrafficOptions {
    func run(_ pace: Traffic.Pace, users: Int, gateway options: GatewayOptions, label: String) async throws {
        let gateway = try Gateway(options.gateway)
        let progress = Progress(label: label)
        progress.say("signing up \(users) people")
        let people = try await Preparation(gateway: gateway).people(users)
        let run = TrafficRun(
            gateway: gateway, stack: try .find(options.stack), people: people, pace: pace,
            warmup: .seconds(warmup), duration: .seconds(seconds), textLength: bytes, progress: progress)
        let report = try await run.run()
        for line in report.lines { print(line) }
        try options.write(report)
        if let failure = report.failure { throw LoadError(failure) }
    }
}
