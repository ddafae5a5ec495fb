public import ArgumentParser
import Foundation
import LocalStack
import MartletVersion
import UnixSignals

/// `martlet-stack`: Martlet on one machine without containers.
public struct StackCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-stack", abstract: "Runs a whole Martlet on this machine without containers.",
        version: "martlet-stack \(martletVersion)", subcommands: [Run.self], defaultSubcommand: Run.self)

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
            name: .customLong("database-cache"),
            help: """
                GiB of memory that the database's cache may take, at least \(DatabaseNode.Options.smallestCacheSize); \
                a quarter of the machine's unless given.
                """)
        var databaseCacheSize: Double?

        @Option(
            help: "Where data, secrets and logs are kept; .martlet/stack in the checkout unless given.",
            transform: { URL(filePath: $0) })
        var folder: URL?

        func validate() throws {
            guard (0...65_000).contains(port) else { throw ValidationError("--port: 0 to 65000") }
            for (name, count) in [("gateways", gateways), ("messages", messages), ("users", users)] {
                guard (1...16).contains(count) else { throw ValidationError("--\(name): 1 to 16") }
            }
            let smallest = DatabaseNode.Options.smallestCacheSize
            if let databaseCacheSize, !(smallest...10_000).contains(databaseCacheSize) {
                throw ValidationError("--database-cache: \(smallest) to 10000 GiB")
            }
        }

        func run() async throws {
            let begin = ContinuousClock.now
            let executables = Programs.ownFolder
            guard let folder = folder ?? Programs.checkout?.appending(path: ".martlet/stack") else {
                throw StackError("no checkout around the working folder: give --folder")
            }
            var options = Stack.Options(folder: folder, executables: executables)
            options.gateways = gateways
            options.messages = messages
            options.users = users
            options.databaseCacheSize = databaseCacheSize ?? Stack.Options.generousDatabaseCacheSize
            options.port = port == 0 ? nil : port
            options.host = host
            options.logRotation = .usual
            if ProcessInfo.processInfo.environment["MARTLET_LOG_FORMAT"] == nil {
                options.environment = ["MARTLET_LOG_FORMAT": "text"]
            }

            // Before anything is started, so that there is no moment in which Ctrl-C would leave something behind.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
            let stack = try Stack(options, report: say)
            try await Self.run(stack, signals: signals, folder: folder, begin: begin)
            say("stopped; the data is kept in \(folder.path)")
        }

        private enum Event: Sendable {
            case signal
            case failed(any Error)
            case stopped
        }

        /// Runs the stack until the first signal, then stops it in order; a second signal kills it.
        private static func run(
            _ stack: Stack, signals: UnixSignalsSequence, folder: URL, begin: ContinuousClock.Instant
        ) async throws {
            let (events, send) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(16))
            var failure: (any Error)?
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals { send.yield(.signal) }
                }
                let work = Task {
                    do {
                        try await stack.start()
                        let addresses = stack.gateways.compactMap(\.address).joined(separator: "  and  ")
                        say("ready after \((ContinuousClock.now - begin).inSeconds); logs are in \(folder.path)/logs")
                        show("\n    Martlet is at  \(addresses)\n\n    Ctrl-C stops it.\n")
                        await supervise(stack)
                    } catch {
                        send.yield(.failed(error))
                    }
                }
                var isStopping = false
                func stop() {
                    isStopping = true
                    work.cancel()
                    group.addTask {
                        await work.value
                        await stack.stop()
                        send.yield(.stopped)
                    }
                }
                for await event in events {
                    switch event {
                    case .failed(let error):
                        // Also how the work ends when a signal cancels it, and then no failure.
                        guard !isStopping else { continue }
                        failure = error
                        stop()
                    case .signal where isStopping:
                        say("killing everything")
                        group.addTask {
                            await stack.kill()
                            send.yield(.stopped)
                        }
                    case .signal:
                        show("")
                        stop()
                    case .stopped:
                        send.finish()
                    }
                }
                group.cancelAll()
            }
            if let failure { throw failure }
        }

        private static func supervise(_ stack: Stack) async {
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
