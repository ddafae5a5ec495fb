import ArgumentParser
import FaultCluster
import FaultHistory
import Foundation
import LocalStack
import UnixSignals

extension FaultsCommand {
    /// A cluster to look at and to break by hand.
    struct ClusterCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cluster",
            abstract: """
                Starts three brokers, three database members and two of each service in a private environment, prints \
                where everything is, and stops it on Ctrl-C. Look at it with \
                `nsenter --all --target PID`, as root.
                """)

        @Option(help: "Keeps logs and secrets; a temporary one if not given.", transform: { URL(filePath: $0) })
        var folder: URL?

        @Option(help: "Where the services' executables are.", transform: { URL(filePath: $0) })
        var executables = Programs.ownFolder

        @Flag(help: "Lets the clocks of the services be set, by the files in the folder's `clocks`.")
        var clocks = false

        @Flag(name: .customLong("try"), help: "Breaks and repairs it once in every way, and stops.")
        var isTrial = false

        @Flag(help: "Stops as soon as everything has started.")
        var once = false

        func run() async throws {
            guard PrivateEnvironment.isInside else {
                let status = try await PassingSignals.run(Array(CommandLine.arguments.dropFirst()))
                if status != 0 { throw ExitCode(status) }
                return
            }
            let temporary = folder == nil ? try TemporaryFolder() : nil
            var options = Cluster.Options(
                folder: folder ?? temporary?.url ?? FileManager.default.temporaryDirectory, executables: executables)
            options.canSetClocks = clocks
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            let begin = ContinuousClock.now
            let cluster = try Cluster(options) { line in Self.say("martlet-faults: \(line)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals { return }
                }
                group.addTask {
                    try await cluster.start()
                    Self.say("martlet-faults: everything runs, after \(ContinuousClock.now - begin)")
                    for measurement in await cluster.measurements() where measurement.source == "cluster" {
                        let bytes = measurement.values["memory.all"] ?? 0
                        Self.say("martlet-faults: \(Int(bytes / 1_048_576)) MiB of memory")
                    }
                    for node in Node.all {
                        Self.say(
                            "\(node)\t\(node.host)\t\(await cluster.pid(of: node) ?? 0)\t\(cluster.log(of: node).path)")
                    }
                    if isTrial { try await ClusterTrial(cluster: cluster, report: Self.say).run() }
                    if once || isTrial { return }
                    try await Task.sleep(for: .seconds(365 * 86_400))
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            await cluster.stop()
        }

        /// At once, also when the output goes to a file.
        @Sendable private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
    }
}
