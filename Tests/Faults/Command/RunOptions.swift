import ArgumentParser
import FaultInjection
import Foundation
import LocalStack

/// What all commands that run faults can be told.
struct RunOptions: ParsableArguments {
    @Option(help: "The random seed: it decides the order of the faults and every other random choice.")
    var seed: UInt64 = .random(in: 1...999_999)

    @Option(help: "How long faults are injected, in minutes. A short run does not inject every fault.")
    var minutes: Double = 20

    @Option(
        help: "Only these, separated by commas: F8 means all its variants, F8/ring one of them.",
        transform: FaultChoice.init)
    var faults: FaultChoice?

    @Option(
        help: "A new folder for history, logs and the report; a temporary one if not given.",
        transform: { URL(filePath: $0) })
    var folder: URL?

    @Option(help: "Where the services' executables are.", transform: { URL(filePath: $0) })
    var executables = Programs.ownFolder

    @Flag(help: "Keep the folder even if the run succeeds.")
    var keep = false

    @Flag(help: "The short list, each fault once and as briefly as possible.")
    var short = false

    @Option(help: "New messages of all virtual users together, in a second; 80, or 30 with --short, unless given.")
    var rate: Double?

    @Option(help: "Multiplies the limits of the recovery times, for busy machines.")
    var patience: Double = 1

    @Flag(inversion: .prefixedNo, help: "Whether virtual users also reply, edit, delete and react.")
    var changes = true

    @Option(
        name: .customLong("groups"),
        help: "The sizes of groups in which people come and go; 40,200, or 6 with --short, unless given. 0 for none.",
        transform: RunOptions.sizes)
    var chosenGroups: [Int]?

    @Option(help: "A mistake that the services or the virtual users make; see the command `mistakes`.")
    var mistake: String?

    func validate() throws {
        guard minutes > 0, minutes <= 1_440 else { throw ValidationError("minutes: more than 0, at most 1440") }
        guard sendsPerSecond > 0, sendsPerSecond <= 1_000 else {
            throw ValidationError("rate: more than 0, at most 1000")
        }
        guard patience >= 1, patience <= 100 else { throw ValidationError("patience: from 1 to 100") }
        if let folder { try RunFolder.validate(new: folder) }
    }

    var sendsPerSecond: Double { rate ?? (short ? 30 : 80) }

    /// The numbers of members of the groups.
    var groups: [Int] { chosenGroups ?? (short ? [6] : [40, 200]) }

    private static func sizes(_ text: String) throws -> [Int] {
        if text == "0" { return [] }
        return try text.split(separator: ",").map { part in
            guard let size = Int(part), (2...1_000).contains(size) else {
                throw ValidationError("groups: sizes from 2 to 1000, separated by commas, or 0")
            }
            return size
        }
    }

    /// What is to be injected.
    var choice: [any Fault] {
        if let faults { return faults.faults }
        return short ? FaultChoice.short.faults : FaultCatalogue.all
    }
}

/// Faults by their names.
struct FaultChoice: Sendable {
    var faults: [any Fault]

    init(_ text: String) throws {
        faults = []
        for name in text.split(separator: ",") {
            guard let named = FaultCatalogue.faults(named: name.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError("there is no fault '\(name)'; `martlet-faults list` names all")
            }
            for fault in named where !faults.contains(where: { $0.name == fault.name }) { faults.append(fault) }
        }
        guard !faults.isEmpty else { throw ValidationError("faults: at least one") }
    }

    private init(known names: [String]) { faults = names.flatMap { FaultCatalogue.faults(named: $0) ?? [] } }

    /// What shows most in little time.
    static let short = FaultChoice(known: ["F1", "F2", "F3", "F4/leader", "F5/primary", "F12/response", "F19"])
}
