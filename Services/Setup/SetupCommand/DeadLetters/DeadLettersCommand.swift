import ArgumentParser
import ChatContracts
import Foundation
import Logging
import MessageBus

extension SetupCommand {
    /// Lists, shows and replays dead letters.
    struct DeadLetters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dead-letters",
            abstract: "Lists, shows and replays the commands that were dead-lettered.",
            subcommands: [List.self, Show.self, Replay.self], defaultSubcommand: List.self)
    }
}

extension SetupCommand.DeadLetters {
    /// How to reach the broker, and which letters to read.
    struct Access: ParsableArguments {
        @Option(help: "The folder that `secrets` made.", transform: { URL(filePath: $0) })
        var secrets: URL?

        @Option(help: "A file with the password, instead of the folder.", transform: { URL(filePath: $0) })
        var passwordFile: URL?

        @Option(help: "The account at the broker.")
        var user = ServiceAccount.operator.name

        @Option(help: "Nodes of the broker, as host:port, separated by commas.")
        var brokerHosts = "127.0.0.1:5672"

        @Option(help: "The virtual host at the broker.")
        var virtualHost = "martlet"

        @Option(help: "Certificates (PEM) that the broker's must be signed by; turns TLS on.")
        var brokerCaFile: String?

        @Option(help: "Read this queue only.")
        var queue: String?

        @Option(help: "The maximum number of letters read from one queue.")
        var atMost = 1_000

        func validate() throws {
            guard (secrets == nil) != (passwordFile == nil) else {
                throw ValidationError("Give either --secrets or --password-file.")
            }
            guard (1...65_535).contains(atMost) else { throw ValidationError("--at-most: 1 to 65535") }
            guard queue.map(Self.queues.contains) ?? true else {
                throw ValidationError("--queue: one of \(Self.queues.joined(separator: ", "))")
            }
        }

        static let queues = [Topology.messageDeadLetters, Topology.userDeadLetters]

        /// Consumes the letters, and requeues those that are left when the body is done.
        func withDesk(_ body: @escaping @Sendable (DeadLetterDesk) async throws -> Void) async throws {
            var logger = Logger(label: "martlet.setup")
            logger.logLevel = .error
            let bus = MessageBus(
                configuration: BusConfiguration(
                    endpoints: try BrokerHosts.endpoints(brokerHosts), virtualHost: virtualHost, username: user,
                    password: try password(), tls: brokerCaFile.map { .init(certificateAuthority: $0) },
                    service: "operator"), logger: logger)
            let (queues, limit) = (queue.map { [$0] } ?? Self.queues, atMost)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await bus.run() }
                defer { group.cancelAll() }
                try await bus.waitUntilReady(timeout: .seconds(15))
                let desk = try await DeadLetterDesk.open(bus, queues: queues, atMost: limit)
                do {
                    try await body(desk)
                } catch {
                    await desk.close()
                    throw error
                }
                await desk.close()
            }
        }

        private func password() throws -> String {
            if let secrets { return try SecretsFolder(secrets).brokerPassword(of: .operator) }
            guard let passwordFile else { throw ValidationError("Give either --secrets or --password-file.") }
            return try String(contentsOf: passwordFile, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Prints two lines for each letter: number and mark, when and why it was dead-lettered, and whose it is."
        )

        @OptionGroup var access: Access

        func run() async throws {
            try await access.withDesk { desk in
                for entry in desk.entries { print(LetterText(entry: entry).summary) }
                if desk.entries.isEmpty, desk.queuesWithMore.isEmpty { print("There are no dead letters.") }
                for queue in desk.queuesWithMore { print("\(queue) holds more letters; raise --at-most.") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints everything about one letter, except what may be a password.")

        @OptionGroup var access: Access
        @Argument(help: "The letter's number or mark.")
        var letter: String

        func run() async throws {
            let name = letter
            try await access.withDesk { desk in
                for entry in try desk.known(name) { print(LetterText(entry: entry).full) }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a command to its service again, then removes the letter.",
            discussion: """
                A letter stays if no service can carry out its command, or if the broker does not confirm it. Replaying is \
                safe at any time and any number of times: a message that was stored already is not stored again.
                """)

        @OptionGroup var access: Access
        @Argument(help: "The letter's number or mark.")
        var letter: String?
        @Flag(help: "Replay all letters.")
        var all = false

        func validate() throws {
            guard (letter == nil) == all else { throw ValidationError("Name a letter, or give --all.") }
        }

        func run() async throws {
            let name = letter
            try await access.withDesk { desk in
                var stayed = 0
                for entry in try name.map({ try desk.known($0) }) ?? desk.entries {
                    let outcome = await desk.replay(entry)
                    print("\(entry.number)  \(entry.mark)  \(outcome)")
                    if case .replayed = outcome { continue }
                    stayed += 1
                }
                for queue in desk.queuesWithMore { print("\(queue) holds more letters; repeat, or raise --at-most.") }
                if stayed > 0 { throw ExitCode.failure }
            }
        }
    }
}

extension DeadLetterDesk {
    /// As ``find(_:)``, but throws if there is none.
    fileprivate func known(_ name: String) throws -> [Entry] {
        let found = find(name)
        guard !found.isEmpty else { throw SetupError("there is no letter \(name); `list` shows all letters") }
        return found
    }
}

extension DeadLetterDesk.Outcome: CustomStringConvertible {
    public var description: String {
        switch self {
        case .replayed(let queue): "replayed to \(queue)"
        case .refused(let reason): "stays, because it cannot be carried out: \(LetterText.plain(reason))"
        case .failed(let error): "stays, because the broker did not confirm it: \(error)"
        }
    }
}
