import ArgumentParser
import FaultChecker
import FaultCluster
import Foundation
import LocalStack

extension FaultsCommand {
    /// Tests the test: stacks with one mistake each, every one of which has to be found.
    struct MistakesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mistakes",
            abstract: "Runs stacks with one planted mistake each against the faults that should reveal it.",
            discussion: """
                Needs a build with the trait PlantedMistakes. Ends with status 0 only if every mistake was found. What is
                only late or slow does not count as found: a busy machine could be the reason.
                """)

        @Option(help: "The random seed.")
        var seed: UInt64 = 1

        @Option(help: "Only these, separated by commas.")
        var only: String?

        @Option(
            help: "A new folder that keeps the runs; a temporary one if not given.",
            transform: { URL(filePath: $0) })
        var folder: URL?

        @Option(help: "Where the services' executables are.", transform: { URL(filePath: $0) })
        var executables = Programs.ownFolder

        func validate() throws {
            for name in names ?? [] where !MistakeCase.all.contains(where: { $0.name == name }) {
                throw ValidationError("there is no mistake '\(name)'")
            }
            if let folder { try RunFolder.validate(new: folder) }
        }

        private var names: [String]? {
            only?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }

        func run() async throws {
            #if PlantedMistakes
                let kept = folder != nil
                let folder =
                    folder
                    ?? FileManager.default.temporaryDirectory
                    .appending(path: "martlet-mistakes-\(RandomName.make())")
                let chosen = MistakeCase.all.filter { names?.contains($0.name) ?? true }
                var results: [MistakeResult] = []
                for mistake in chosen {
                    print("\n=== \(mistake.name): \(mistake.summary)")
                    results.append(try await result(of: mistake, in: folder))
                }
                print("")
                for result in results { print(result.line) }
                guard results.allSatisfy(\.isCaught) else {
                    print("everything is in \(folder.path)")
                    throw ExitCode(1)
                }
                if !kept { try FileManager.default.removeItem(at: folder) }
            #else
                throw ValidationError("this program was built without the trait PlantedMistakes; use `make mistakes`")
            #endif
        }

        /// Goes on with the next fault until the mistake is found.
        private func result(of mistake: MistakeCase, in folder: URL) async throws -> MistakeResult {
            let began = ContinuousClock.now
            var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }
            for (number, fault) in mistake.faults.enumerated() {
                let runFolder = folder.appending(path: "\(mistake.name)-\(number + 1)")
                let status = try await PassingSignals.run([
                    "run", "--seed", "\(seed &+ UInt64(number))", "--minutes", "5", "--faults", fault, "--folder",
                    runFolder.path, "--executables", executables.path, "--mistake", mistake.name, "--keep",
                ])
                // Interrupted by somebody.
                if status >= 128 { throw ExitCode(status) }
                let verdict = try? JSONDecoder().decode(
                    Verdict.self, from: Data(contentsOf: RunFolder(runFolder).verdict))
                guard let violation = verdict?.firstViolation(of: mistake.breaks) else { continue }
                return MistakeResult(mistake: mistake, fault: fault, violation: violation, seconds: seconds)
            }
            return MistakeResult(mistake: mistake, fault: nil, violation: nil, seconds: seconds)
        }
    }
}

/// Whether a mistake was found, and by what.
struct MistakeResult {
    var mistake: MistakeCase
    var fault: String?
    var violation: Violation?
    /// Until it was found, with the starting of the cluster and the judgement.
    var seconds: Double

    var isCaught: Bool { violation != nil }

    var line: String {
        let name = mistake.name.padding(toLength: 26, withPad: " ", startingAt: 0)
        guard let violation, let fault else { return "\(name)NOT CAUGHT after \(Int(seconds)) s" }
        return "\(name)caught during \(fault) by \(violation.invariant.rawValue) (\(violation.invariant.title)), "
            + "\(Int(Double(violation.at) / 1e9)) s into the run, \(Int(seconds)) s in all"
    }
}

extension Verdict {
    /// The earliest, because later ones may only follow from it.
    func firstViolation(of invariants: Set<Invariant>) -> Violation? {
        findings.filter { invariants.contains($0.invariant) }
            .flatMap(\.parts).flatMap(\.violations)
            .min { $0.at < $1.at }
    }
}
