/// Where a part runs: its address, and how a program gets to where that address is.
public struct Location: Sendable, Hashable {
    /// The IPv4 address that the part listens on and is reached at.
    public var address: String
    /// The program, with its arguments, that starts another in the network which has the address, and replaces itself
    /// with it, such as `["/usr/bin/nsenter", "--net=/run/netns/m1"]`. Empty for the network of this process.
    public var entry: [String]

    public init(address: String, entry: [String] = []) {
        self.address = address
        self.entry = entry
    }

    /// This machine, for itself only.
    public static let loopback = Location(address: "127.0.0.1")

    /// Whether a server takes connections at this port.
    func isListening(_ port: Int) async -> Bool {
        // A connection would be a line in the log of many a server; whether the port is free can be asked without one.
        if self == .loopback { return !FreePort.isFree(port) }
        return await Connection.isAccepted(host: address, port: port)
    }

    /// The address as an Erlang term.
    var erlangTerm: String { "{\(address.replacing(".", with: ","))}" }
}
