/// How many connections of browsers a process can have without taking descriptors from what it needs itself.
struct ConnectionCapacity: Equatable, Sendable {
    /// At the same time.
    let connections: Int
    /// At the same time from one address.
    let perAddress: Int

    /// Descriptors of event loops, the broker, logs, and files that are open for a moment.
    private static let own = 64
    /// Connections that the operations port may have.
    private static let operations = 64
    /// Connections to the database by thread, with those that watch its members.
    private static let perDatabaseThread = 2
    /// However few descriptors there are.
    private static let fewest = 16

    /// - Parameters:
    ///   - wanted: What the settings say.
    ///   - perAddress: What the settings say; nil for the default, which is never more than a quarter of all.
    ///   - descriptors: What the process may have open.
    init(wanted: Int, perAddress: Int?, descriptors: Int, databaseThreads: Int) {
        let reserve = Self.own + Self.operations + Self.perDatabaseThread * databaseThreads
        connections = min(wanted, max(Self.fewest, descriptors - reserve))
        self.perAddress = min(connections, perAddress ?? min(Self.usualPerAddress, max(1, connections / 4)))
    }

    /// Browsers of one address, at two or three connections each.
    static let usualPerAddress = 256
}
