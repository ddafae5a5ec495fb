public import ArgumentParser
import Foundation
import LocalStack
import UnixSignals

/// `martlet-stack`: Martlet on one machine without containers.
public struct StackCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-stack", abstract: "Runs a whole Martlet on this machine without containers.",
        subcommands: [Run.self], defaultSubcommand: Run.self)

    public init() {}

    /// Starts everything and keeps it running.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: """
                Starts a private RabbitMQ, a private MongoDB replica set and the services, prints the address when \
                people can use it, and stops everything on Ctrl-C. The data is kept for the next run.
                """)

        @Option(help: "The gateway's port; further gateways take the ports after it. 0 takes free ones.")
        var port = 8080

        @Option(help: "The address that the gateways listen on.")
        var host = "127.0.0.1"

        @Option(help: "How many gateways to run.")
        var gateways = 1

        @Option(help: "How many processes of the messages service to run.")
        var messages = 1

        @Option(help: "How many processes of the users service to run.")
        var users = 1

        @Option(
            help: "Where data, secrets and logs are kept; .martlet/stack in the checkout unless given.",
            transform: { URL(filePath: $0) })
        var folder: URL?

        func validate() throws {
            guard (0...65_000).contains(port) else { throw ValidationError("--port: 0 to 65000") }
            for (name, count) in [("gateways", gateways), ("messages", messages), ("users", users)] {
                guard (1...16).contains(count) else { throw ValidationError("--\(name): 1 to 16") }
            }
        }

        func run() async throws {
            let begin = ContinuousClock.now
            let executables = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            guard let folder = folder ?? Programs.checkout?.appending(path: ".martlet/stack") else {
                throw StackError("no checkout around the working folder: give --folder")
            }
            var options = Stack.Options(folder: folder, executables: executables)
            options.gateways = gateways
            options.messages = messages
            options.users = users
            options.port = port == 0 ? nil : port
            options.host = host
            if ProcessInfo.processInfo.environment["MARTLET_LOG_FORMAT"] == nil {
                options.environment = ["MARTLET_LOG_FORMAT": "text"]
            }

            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
            let stack = try Stack(options, report: say)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await stack.start()
                    let addresses = stack.gateways.compactMap(\.address)
                    say("ready after \((ContinuousClock.now - begin).inSeconds); logs are in \(folder.path)/logs")
                    show("\n    Martlet is at  \(addresses.joined(separator: "  and  "))\n\n    Ctrl-C stops it.\n")
                    await supervise(stack)
                }
                group.addTask {
                    for await _ in signals { return }
                }
                defer { group.cancelAll() }
                do {
                    try await group.next()
                } catch {
                    group.cancelAll()
                    await stack.kill()
                    throw error
                }
            }
            show("")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stack.stop() }
                group.addTask {
                    for await _ in signals {
                        say("killing everything")
                        await stack.kill()
                        return
                    }
                }
                try await group.next()
                group.cancelAll()
            }
            say("stopped; the data is kept in \(folder.path)")
        }

        private func supervise(_ stack: Stack) async {
            let parts =
                [SupervisedPart(stack.broker)] + stack.database.nodes.map { SupervisedPart($0) }
                + stack.services.map { SupervisedPart($0) }
            await withTaskGroup { group in
                for part in parts {
                    group.addTask {
                        await part.supervise(report: say) { try? await stack.writeStatus() }
                    }
                }
            }
        }
    }
}

/// A line of progress for people.
@Sendable private func say(_ line: String) { show("martlet: \(line)") }

/// Written at once, also when the output goes to a file.
private func show(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
