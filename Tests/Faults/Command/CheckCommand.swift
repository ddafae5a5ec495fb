import ArgumentParser
import FaultChecker
import Foundation

extension FaultsCommand {
    /// Judges a kept run once more.
    struct CheckCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Checks the history of a kept run again.")

        @Argument(help: "The folder of the run.", transform: { URL(filePath: $0) })
        var folder: URL

        func run() throws {
            let verdict = try Judge(RunFolder(folder)).judge()
            print(TextReport(verdict).description, terminator: "")
            guard verdict.passed else { throw ExitCode(1) }
        }
    }
}
