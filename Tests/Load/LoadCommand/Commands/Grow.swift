import ArgumentParser
import Foundation

/// Growth.
struct Grow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            Fills the database to so many messages, directly or through the front door, then measures what one more \
            costs. The stack's folder has to be known.
            """)

    @Option(help: "Messages in the database before it is measured.")
    var messages = 100_000
    @Flag(help: "Fills by sending instead of writing into the database.")
    var throughFrontDoor = false
    @Option(help: "Senders, with one message in flight each.")
    var senders = 256
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let address = try Gateway(gateway.gateway)
        let stack = try StackProcesses.find(gateway.stack)
        let progress = Progress(label: "grow \(messages)")
        let preparation = Preparation(gateway: address)
        progress.say("signing up \(2 * senders) people")
        let people = try await preparation.people(2 * senders)
        if throughFrontDoor {
            let present = Int(try await stack.withStorage { try await $0.size() }.messages)
            if messages > present {
                let run = TrafficRun(
                    gateway: address, stack: stack, people: people, pace: .closed(senders: senders), progress: progress)
                if let failure = try await run.soak(messages: messages - present).run.failure {
                    throw LoadError(failure)
                }
            }
        } else {
            try await GrowthRun.fill(stack, to: messages, progress: progress)
        }
        var report = try await GrowthRun(
            gateway: address, stack: stack, people: people, preparation: preparation, senders: senders,
            progress: progress
        ).run(messages)
        report.isFilledDirectly = !throughFrontDoor
        report.lines.forEach { print($0) }
        try gateway.write(report)
        if let failure = report.runs.compactMap(\.failure).first { throw LoadError(failure) }
    }
}
