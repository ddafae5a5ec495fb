public import ArgumentParser
import MartletVersion

/// `martlet-load`: uses a running Martlet as browsers do and measures it.
public struct LoadCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-load", abstract: "Uses a running Martlet as browsers do and measures it.",
        version: "martlet-load \(martletVersion)",
        subcommands: [
            Closed.self, Open.self, Idle.self, Storm.self, History.self, List.self, Grow.self, BenchCommand.self,
            BenchLongCommand.self, BenchGroups.self, TableCommand.self,
        ])

    public init() {}
}
