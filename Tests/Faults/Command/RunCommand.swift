import ArgumentParser
import FaultCluster
import Foundation
import LocalStack

extension FaultsCommand {
    /// Injects faults into a running stack and says whether the promises were kept.
    struct RunCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract:
                "Injects faults while people chat, and checks from what they saw whether the promises were kept.",
            discussion: """
                Ends with status 0 only if no promise was broken and every fault left its traces. Otherwise history, logs \
                and report stay in one folder, whose path is printed at the end.
                """)

        @OptionGroup var options: RunOptions

        func run() async throws {
            guard PrivateEnvironment.isInside else {
                // The seed and the folder are chosen here, so that they are known whatever happens inside.
                let folder = options.folder ?? Self.newFolder(seed: options.seed)
                var arguments = Array(CommandLine.arguments.dropFirst())
                if !arguments.contains(where: { $0.hasPrefix("--seed") }) {
                    arguments += ["--seed", "\(options.seed)"]
                }
                if options.folder == nil { arguments += ["--folder", folder.path] }
                let status = try await PassingSignals.run(arguments)
                guard status == 0 else {
                    print("martlet-faults: failed with status \(status); everything is in \(folder.path)")
                    throw ExitCode(status)
                }
                return
            }
            guard let folder = options.folder else { throw ValidationError("--folder is missing") }
            let run = try FaultRun(options: options, folder: RunFolder(folder))
            guard try await run.run() else { throw ExitCode(1) }
            if !options.keep { try FileManager.default.removeItem(at: folder) }
        }

        private static func newFolder(seed: UInt64) -> URL {
            FileManager.default.temporaryDirectory.appending(path: "martlet-faults-\(seed)-\(RandomName.make())")
        }
    }
}
