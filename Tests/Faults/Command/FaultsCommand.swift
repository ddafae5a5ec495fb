public import ArgumentParser
import MartletVersion

/// `martlet-faults`: breaks a whole Martlet in every way that one machine allows and checks its promises.
public struct FaultsCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-faults",
        abstract: "Injects faults into a whole Martlet on one machine and checks its promises.",
        version: "martlet-faults \(martletVersion)",
        subcommands: [
            RunCommand.self, CheckCommand.self, MistakesCommand.self, ListCommand.self, ClusterCommand.self,
        ])

    public init() {}
}
