import ArgumentParser
import ChatContracts

/// Pages of a long conversation.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            Pages of 50 messages at random places of one conversation, at a fixed rate. The conversation is written into \
            the database directly, so the stack's folder has to be known.
            """)

    @Option(help: "Messages of the conversation.")
    var messages = 100_000
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard messages >= 51 else { throw ValidationError("--messages: at least 51") }
    }

    func run() async throws {
        let address = try Gateway(gateway.gateway)
        let stack = try StackProcesses.find(gateway.stack)
        let people = try await Preparation(gateway: address).signUp(2)
        let conversation = try await stack.withStorage { storage in
            try await storage.fill(
                people[0].user, people[1].user, messages: messages, progress: Progress(label: "history"))
        }
        try await reading.run(
            .history(conversation, messages: Int64(messages), cookie: people[0].cookie), address, stack, gateway)
    }
}

/// The conversations of somebody who has many.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            The first page of the conversations of somebody who has many, at a fixed rate. They are written into the \
            database directly, so the stack's folder has to be known.
            """)

    @Option(help: "Conversations.")
    var conversations = 1000
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let address = try Gateway(gateway.gateway)
        let stack = try StackProcesses.find(gateway.stack)
        let people = try await Preparation(gateway: address).signUp(1 + conversations)
        try await stack.withStorage { storage in
            try await storage.fillList(of: people[0].user, with: people.dropFirst().map(\.user))
        }
        try await reading.run(.list(cookie: people[0].cookie), address, stack, gateway)
    }
}

struct ReadingOptions: ParsableArguments {
    @Option(help: "Reads each second.")
    var rate = 500.0
    @Option(help: "Connections that they are spread over.")
    var connections = 16
    @Option(help: "Seconds that are measured.")
    var seconds = 10.0

    func validate() throws {
        guard rate > 0, connections > 0, seconds >= 1 else { throw ValidationError("--rate, --connections: above 0") }
    }

    func run(
        _ target: ReadTarget, _ address: Gateway, _ stack: StackProcesses, _ options: GatewayOptions
    ) async throws {
        let report = try await ReadsRun(
            gateway: address, stack: stack, target: target, rate: rate, connections: connections,
            duration: .seconds(seconds)
        ).run()
        report.lines.forEach { print($0) }
        try options.write(report)
    }
}

extension StackProcesses {
    /// Gives the messages service's database to the body and closes it afterwards.
    func withStorage<Value: Sendable>(_ body: (MessageStorage) async throws -> Value) async throws -> Value {
        guard let storage = try MessageStorage(self) else {
            throw LoadError("the stack's database is not known: give the stack's folder with --stack")
        }
        do {
            let value = try await body(storage)
            await storage.close()
            return value
        } catch {
            await storage.close()
            throw error
        }
    }
}
