public import ArgumentParser

/// `martlet-load`: uses a running Martlet as browsers do and measures it.
public struct LoadCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-load", abstract: "Uses a running Martlet as browsers do and measures it.",
        subcommands: [Closed.self, Open.self])

    public init() {}
}
