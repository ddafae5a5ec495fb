import Foundation

/// Erlang's port mapper (`epmd`) as a child of this process, one for any number of broker nodes.
///
/// Without one of our own, the first node would start one that outlives us and that strangers' nodes share.
public actor PortMapper {
    /// The port, on the address of the location.
    public nonisolated let port: Int
    private let location: Location
    private var process: ChildProcess?

    /// - Parameter port: a free one if nil
    public init(location: Location = .loopback, port: Int? = nil) throws(LocalStackError) {
        self.location = location
        self.port = if let port { port } else { try FreePort.find() }
    }

    func start() async throws(LocalStackError) {
        if let process, process.isRunning { return }
        process = try await ChildProcess.start(
            .init(
                try Programs.erlangPortMapper(), ["-port", "\(port)", "-address", location.address],
                environment: ["PATH": "/usr/bin:/bin"], entry: location.entry))
        let (location, port) = (location, port)
        guard
            await Deadline.poll(
                within: .seconds(5), every: .milliseconds(10), { await location.isListening(port) ? true : nil })
                != nil
        else { throw LocalStackError(.notReady, "epmd did not open port \(port) within 5 s") }
    }

    /// Ends it.
    public func stop() async {
        await process?.kill()
        process = nil
    }
}
